"""The part of the settings that says what the accounts of each tier may hold."""

from collections.abc import Callable
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ByteSize, ConfigDict, Field

from imgrepo_server.models import Tier, TierLimits


def unlimited_is_none(value: object) -> object:
    """TOML has no word for nothing."""
    return None if value == "unlimited" else value


Size = Annotated[Annotated[ByteSize, Field(ge=0)] | None, BeforeValidator(unlimited_is_none)]
Count = Annotated[Annotated[int, Field(ge=0)] | None, BeforeValidator(unlimited_is_none)]


class TierSettings(BaseModel):
    """What an account of a tier may hold, the trash included. Sizes may be written ``10MiB``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    bytes_per_image: Size
    images: Count
    bytes: Size

    def limits(self) -> TierLimits:
        """As the services take it."""
        return TierLimits(self.bytes_per_image, self.images, self.bytes)


def _usual(bytes_per_image: str, images: int, in_all: str) -> TierSettings:
    return TierSettings.model_validate(
        {"bytes_per_image": bytes_per_image, "images": images, "bytes": in_all}
    )


def _over(usual: TierSettings) -> Callable[[object], object]:
    """Whoever names one limit of a tier keeps the others."""
    return lambda given: {**usual.model_dump(), **given} if isinstance(given, dict) else given


_FREE = _usual("10MiB", 1_000, "2GiB")
_PREMIUM = _usual("50MiB", 50_000, "200GiB")
_BUSINESS = _usual("200MiB", 500_000, "2TiB")


class Tiers(BaseModel):
    """The limits of each tier."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    free: Annotated[TierSettings, BeforeValidator(_over(_FREE))] = _FREE
    premium: Annotated[TierSettings, BeforeValidator(_over(_PREMIUM))] = _PREMIUM
    business: Annotated[TierSettings, BeforeValidator(_over(_BUSINESS))] = _BUSINESS

    def limits(self) -> dict[Tier, TierLimits]:
        """By tier, as the services take it."""
        return {
            Tier.FREE: self.free.limits(),
            Tier.PREMIUM: self.premium.limits(),
            Tier.BUSINESS: self.business.limits(),
        }
