"""From stored pixels to greys: decoded in a process of its own, windowed, shuttered.

    decoding           a compressed frame, by a process that may crash, hang or run out of memory
    frames             one frame of a file as the array that it is stored as, or why there is none
    display_pipeline   how an image asks to be displayed, as its header gives it
    rendering          both together: the greys or colours of a screen
    fitting            another window where that of the header shows nothing

A frame that is not whole, or of another size than its header says, is not drawn.
"""
