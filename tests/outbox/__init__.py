"""The outbox: nothing that was put in is lost, altered, or called archived without proof."""
