"""Timing of the paper's model at its full size, with random weights, on a GPU, against the GPU's measured maxima.

        python -m zoetrope_export.roofline
              |
              +-- ceilings     the device's fastest matrix product, attention, copy, convolution
              +-- for every stage: text encoder, generator, decoder; at every size; eager, then compiled
              |       check    a thin slice on the device against the same slice in float64 on the CPU
              |       time     median of repeats, by the device's own events
              +-- report       Markdown and JSON, written after every row, so that an interruption loses no measurement

It needs PyTorch and no other dependency of this package. It loads no weights: the speed of a network does not depend on
its values, as long as they are not zeros.
"""
