"""PyTorch as a side of the measurement: eager, channels_last or torch.compile. See peer.py."""
import numpy as np
import same_batch
import torch
import torch_networks
from safetensors.numpy import load_file

VERSION = torch.__version__


class TorchSide:
    def __init__(self, kind, threads):
        torch.set_num_threads(threads)
        torch.manual_seed(1)
        self.kind = kind
        self.memory_format = torch.channels_last if kind == "pytorch_channels_last" else torch.contiguous_format

    def build(self, model, image_shape, classes):
        self.image_shape, self.classes = image_shape, classes
        self.network = torch_networks.build(model, image_shape, classes)
        return sum(parameter.numel() for parameter in self.network.parameters() if parameter.requires_grad)

    def load(self, path, change):
        weights = {name: torch.from_numpy(change(values)) for name, values in load_file(path).items()}
        result = self.network.load_state_dict(weights, strict=False)
        missing = [name for name in result.missing_keys if not name.endswith("num_batches_tracked")]
        if missing or result.unexpected_keys:
            raise ValueError(f"weights: missing {missing}, unexpected {result.unexpected_keys}")

    def without_dropout(self):
        torch_networks.without_dropout(self.network)

    def prepare(self, count):
        """What is left to do before the first step."""
        network = self.network.to(memory_format=self.memory_format)
        self.run_network = torch.compile(network) if self.kind == "pytorch_compile" else network
        self.criterion = torch.nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
        images = same_batch.images(count, self.image_shape)
        # Each in the layout in which its users' data loaders have it.
        if self.memory_format == torch.channels_last:
            self.x = torch.from_numpy(images).permute(0, 3, 1, 2)
        else:
            self.x = torch.from_numpy(np.ascontiguousarray(images.transpose(0, 3, 1, 2)))
        self.y = torch.from_numpy(same_batch.labels(count, self.classes))

    def step(self):
        self.network.train()
        self.optimizer.zero_grad()
        loss = self.criterion(self.run_network(self.x), self.y)
        loss.backward()
        self.optimizer.step()
        return loss.item()

    def infer(self):
        self.network.eval()
        with torch.inference_mode():
            return float(self.run_network(self.x).numpy()[0, 0])
