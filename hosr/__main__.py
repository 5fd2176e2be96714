"""`python -m hosr`, the same as `hosr`."""

from hosr.cli import run

if __name__ == "__main__":
    run()
