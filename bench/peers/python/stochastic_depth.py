"""What leaves a block out for some images."""
from torch import nn
from torch.nn import functional as F


class StochasticDepth(nn.Module):
    def __init__(self, rate):
        super().__init__()
        self.rate = rate

    def forward(self, x):
        if not self.training or self.rate == 0:
            return x
        return x * F.dropout(x.new_ones(x.shape[0], 1, 1, 1), self.rate, True)
