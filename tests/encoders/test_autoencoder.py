import pytest
import torch
from torch import nn

from fashion_search.encoders.architecture import Architecture
from fashion_search.encoders.autoencoder import Decoder, encoder_trunk
from fashion_search.encoders.networks import Embedder, fold_batch_norm
from tests.encoders.test_networks import stir

ODD = Architecture("autoencoder", 22, 17, 6, (4, 8, 10))


@pytest.fixture(autouse=True)
def seeded() -> None:
    torch.manual_seed(0)


@torch.inference_mode()
def test_the_mean_of_its_maps_is_a_linear_layer_over_all_of_the_last_stage() -> None:
    trunk, channels = encoder_trunk(ODD)
    assert isinstance(trunk, nn.Sequential)
    assert channels == 6
    stir(trunk)
    pixels = torch.randn(2, 3, 22, 17)
    maps = trunk(pixels)
    assert maps.shape == (2, 6, 3, 3)
    before = trunk[:-1](pixels).flatten(2)  # (n, c, p)
    matrix = trunk[-1].weight.permute(2, 1, 0).reshape(6, -1) / 9  # (d, c · p)
    torch.testing.assert_close(maps.mean((2, 3)), before.reshape(2, -1) @ matrix.T, rtol=1e-4, atol=1e-5)


@torch.inference_mode()
def test_it_keeps_its_function_when_folded() -> None:
    trunk, _ = encoder_trunk(ODD)
    pixels = torch.randn(2, 3, 22, 17)
    before = stir(trunk)(pixels)
    folded = fold_batch_norm(trunk)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in folded.modules())
    torch.testing.assert_close(folded(pixels), before, rtol=1e-3, atol=1e-4)


def test_a_latent_vector_is_centred_and_scaled() -> None:
    network = Embedder(ODD)
    latent, maps = network(5 + 3 * torch.randn(64, 3, 22, 17))
    assert latent.shape == (64, 6) == (64, network.dimensions)
    torch.testing.assert_close(latent.mean(0), torch.zeros(6), atol=1e-5, rtol=0)
    torch.testing.assert_close(latent.std(0, correction=0), torch.ones(6), atol=1e-2, rtol=0)
    pooled = maps.mean((2, 3))
    torch.testing.assert_close(latent, (pooled - pooled.mean(0)) / (pooled.var(0, correction=0) + 1e-5).sqrt())


@pytest.mark.parametrize("size", [(16, 16), (22, 17), (80, 60)])
@torch.inference_mode()
def test_reconstructions_have_the_size_of_the_picture(size: tuple[int, int]) -> None:
    told = Decoder(Architecture("autoencoder", *size, 6, (4, 8, 10)))(torch.randn(2, 6))
    assert told.shape == (2, 3, *size)
    assert told.min() >= 0
    assert told.max() <= 1


def test_together_they_learn_a_few_pictures() -> None:
    architecture = Architecture("autoencoder", 16, 16, 8, (8, 16))
    network, decoder = Embedder(architecture), Decoder(architecture)
    pictures = torch.rand(6, 3, 2, 2).repeat_interleave(8, 2).repeat_interleave(8, 3)
    optimiser = torch.optim.Adam([*network.parameters(), *decoder.parameters()], 0.01)
    errors = []
    for _ in range(60):
        error = nn.functional.mse_loss(decoder(network(pictures)[0]), pictures)
        optimiser.zero_grad()
        error.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
        errors.append(error.item())
    assert errors[-1] < 0.2 * errors[0]
