"""ImageNet ResNet: the pooled features of a classifier without its last layer (the paper, §3.2)."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from fashion_search.encoders.architecture import DEVIATION, MEAN, PRETRAINED
from fashion_search.encoders.base import Encoder, EncoderSpec, Fingerprint, RegionMatch, region_match
from fashion_search.encoders.weights import Weights, WeightsFile
from fashion_search.errors import WeightsError

if TYPE_CHECKING:
    import torch

SIDE = 224  # px; the size that ImageNet networks were trained at
PREPROCESSING = f"squash {SIDE}x{SIDE} bilinear; ImageNet mean and deviation; global average pool; L2"
RESNET18_WEIGHTS = PRETRAINED["resnet18"]


class ResNetEncoder(Encoder):
    """A torchvision ResNet up to its global average pool, L2-normalised."""

    def __init__(self, method: str, build: Callable[[], "torch.nn.Module"], weights: Weights):
        import torch

        from fashion_search.encoders.networks import best_device, fold_batch_norm

        state, file = weights.load()
        network = build()
        try:
            network.load_state_dict(state)
        except (RuntimeError, AttributeError, TypeError) as error:
            raise WeightsError(f"{file.path} holds the weights of another network. {weights.how_to_supply}") from error
        self.fingerprint = _fingerprint(method, file)
        self._device = best_device()
        # Batch norm folded into the convolutions and channels last: the same function, twice as fast on a CPU.
        fused = fold_batch_norm(network.eval())
        features = torch.nn.Sequential(*list(fused.children())[:-2]).to(self._device)
        self._features = features.to(memory_format=torch.channels_last)
        self._mean = torch.tensor(MEAN, device=self._device).view(1, 3, 1, 1) * 255
        self._deviation = torch.tensor(DEVIATION, device=self._device).view(1, 3, 1, 1) * 255

    def prepare(self, image: Image.Image) -> NDArray[Any]:
        """Pixels, shape (224, 224, 3), ``uint8``."""
        return np.asarray(image.resize((SIDE, SIDE), Image.Resampling.BILINEAR))

    def feature_maps(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        """The last layer before pooling, shape (n, channels, 7, 7)."""
        import torch

        # TF32 would move a GPU's vectors away from those of a CPU by more than rounding.
        with torch.inference_mode(), torch.backends.cudnn.flags(enabled=True, allow_tf32=False):
            pixels = torch.from_numpy(prepared).to(self._device).permute(0, 3, 1, 2)  # (n, 3, 224, 224)
            maps = self._features((pixels - self._mean) / self._deviation)
            features: NDArray[np.float32] = maps.float().cpu().contiguous().numpy()
        return features

    def embed(self, prepared: NDArray[Any]) -> NDArray[np.float32]:
        pooled = self.feature_maps(prepared).mean(axis=(2, 3))  # (n, channels)
        unit: NDArray[np.float32] = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
        return unit


def explain(encoder: ResNetEncoder, query: Image.Image, result: Image.Image) -> RegionMatch:
    """Take the cosine apart over the 7 × 7 positions of the last feature map."""
    maps = encoder.feature_maps(np.stack([encoder.prepare(query), encoder.prepare(result)]))  # (2, channels, 7, 7)
    return region_match(maps.reshape(*maps.shape[:2], -1).transpose(0, 2, 1), maps.shape[2:])


def _fingerprint(method: str, file: WeightsFile) -> Fingerprint:
    return Fingerprint(method, PREPROCESSING, file.sha256, file.name)


def _load_resnet18() -> ResNetEncoder:
    from torchvision.models import resnet18

    return ResNetEncoder("resnet18", resnet18, RESNET18_WEIGHTS)


RESNET18 = EncoderSpec(
    name="resnet18",
    title="ResNet-18",
    summary="Compares shapes and textures as a network sees them that learned to classify photographs (ImageNet).",
    dim=512,
    fingerprint=lambda: _fingerprint("resnet18", RESNET18_WEIGHTS.find()),
    load=_load_resnet18,
    explain=explain,
)
