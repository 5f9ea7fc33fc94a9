"""The conversion to BT.709 limited range gives values that were computed by hand."""

import pytest
import torch

from zoetrope_export.data.yuv import to_yuv


@pytest.mark.parametrize(
    ("rgb", "yuv"),
    [
        ((-1, -1, -1), (16, 128, 128)),
        ((1, 1, 1), (235, 128, 128)),
        ((1, -1, -1), (63, 102, 240)),
        ((-1, 1, -1), (173, 42, 26)),
        ((-1, -1, 1), (32, 240, 118)),
        ((3, 3, 3), (235, 128, 128)),
    ],
)
def test_pure_colours_have_their_known_values(rgb, yuv):
    video = torch.tensor(rgb).float().view(1, 3, 1, 1, 1).expand(1, 3, 1, 4, 8)
    rows = to_yuv(video)
    assert rows.dtype == torch.uint8
    assert rows.shape == (1, 1, 6, 8)
    assert [int(rows[0, 0, r, 0]) for r in (0, 4, 5)] == list(yuv)


def test_planes_are_in_the_order_y_u_v_and_chroma_is_the_mean_of_four_pixels():
    video = torch.zeros(1, 3, 2, 4, 4)
    video[:, 0, 1, 0, 0] = 1
    rows = to_yuv(video)[0, 1]
    assert rows[0, 0] == rows[:4].max()
    v = rows[5].view(2, 2)
    assert v[0, 0] > 128
    assert (v[0, 1], v[1, 0], v[1, 1]) == (128, 128, 128)
