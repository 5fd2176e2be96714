"""From stored pixels to greys: decoded in a process of its own, windowed, shuttered."""
