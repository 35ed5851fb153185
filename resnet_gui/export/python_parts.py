"""Pieces of the exported Python file that are the same for every design that needs them."""

from __future__ import annotations

ZERO_PAD = '''
class ZeroPad(nn.Module):
    """Option A: every stride-th pixel, and zeros for the new channels, half of them in front."""

    def __init__(self, new: int, stride: int) -> None:
        super().__init__()
        self.before, self.after, self.stride = new // 2, new - new // 2, stride

    def forward(self, x: Tensor) -> Tensor:
        return functional.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))
'''

SQUEEZE_EXCITATION = """
class SqueezeExcitation(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        # channels / RATIO, rounded to a multiple of DIVISOR
        squeezed = max(DIVISOR, int(channels / RATIO + HALF) // DIVISOR * DIVISOR)
        self.fc1 = nn.Conv2d(channels, squeezed, 1)
        self.fc2 = nn.Conv2d(squeezed, channels, 1)

    def forward(self, x: Tensor) -> Tensor:
        gate = x.mean((2, 3), keepdim=True)
        gate = ACTIVATE
        return x * torch.sigmoid(self.fc2(gate))
"""

DROP_PATH = '''
def drop_path(x: Tensor, rate: float, training: bool) -> Tensor:
    """Drop whole branches, one draw a picture, and scale what is left."""
    if not training:
        return x
    kept = torch.empty((x.shape[0], 1, 1, 1), dtype=x.dtype, device=x.device).bernoulli_(1 - rate)
    return x * kept.div_(1 - rate)
'''
