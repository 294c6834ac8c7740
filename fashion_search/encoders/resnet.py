"""ImageNet ResNet: the pooled features of a classifier without its last layer (the paper, §3.2)."""

from fashion_search.encoders.architecture import PRETRAINED, Architecture
from fashion_search.encoders.base import EncoderSpec, Fingerprint
from fashion_search.encoders.convolutional import ConvolutionalEncoder, explain

SIDE = 224  # px; the size that ImageNet networks were trained at
PREPROCESSING = f"squash {SIDE}x{SIDE} bilinear; ImageNet mean and deviation; global average pool; L2"
ARCHITECTURE = Architecture("resnet18", SIDE, SIDE)
RESNET18_WEIGHTS = PRETRAINED[ARCHITECTURE.backbone]


def _fingerprint() -> Fingerprint:
    file = RESNET18_WEIGHTS.find()
    return Fingerprint("resnet18", PREPROCESSING, file.sha256, file.name)


def _load() -> ConvolutionalEncoder:
    from fashion_search.encoders.networks import Embedder

    return ConvolutionalEncoder(Embedder(ARCHITECTURE, pretrained=True), ARCHITECTURE, _fingerprint())


RESNET18 = EncoderSpec(
    name="resnet18",
    title="ResNet-18",
    summary="Compares shapes and textures as a network sees them that learned to classify photographs (ImageNet).",
    dim=512,
    fingerprint=_fingerprint,
    load=_load,
    explain=explain,
    colour="#2f72b8",
    family="CNN",
    licence="BSD-3-Clause",
    parameters=11_176_512,
    origin="torchvision, ImageNet-1k",
)
