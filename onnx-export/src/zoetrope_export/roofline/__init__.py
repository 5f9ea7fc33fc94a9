"""The paper's model at its own size, with random weights, timed on a GPU against what that GPU can do at most.

        python -m zoetrope_export.roofline
              |
              +-- ceilings     the device's best matrix product, attention, copy, convolution
              +-- for every stage: text encoder, generator, decoder; at every size; eager, then compiled
              |       check    a thin slice on the device against the same slice in float64 on the CPU
              |       time     median of repeats, by the device's own events
              +-- report       Markdown and JSON, written again after every row: nothing is lost when time runs out

Needs PyTorch and nothing else of this package's dependencies. No weights are loaded: how fast a network is does not
depend on what it has learned, as long as its numbers are not zeros.
"""
