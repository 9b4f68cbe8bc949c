"""The nouns of the domain, as plain immutable values that every layer shares."""

from imgrepo_server.models.accounts import (
    ANONYMOUS,
    Account,
    RegistrationPolicy,
    Role,
    Tier,
    TierLimits,
    Usage,
    User,
    Viewer,
)
from imgrepo_server.models.api_keys import ApiKey, Scope
from imgrepo_server.models.audit import Action, AuditEntry
from imgrepo_server.models.clock import Clock
from imgrepo_server.models.fingerprints import Examination, Fingerprint, View
from imgrepo_server.models.images import (
    LOCATION_PREFIX,
    MAX_TAGS,
    MAX_TITLE,
    Image,
    ImageChanges,
    NewImage,
    Said,
    Visibility,
)
from imgrepo_server.models.links import Link, Resource
from imgrepo_server.models.lists import ImageFilter, Page, Place, Position, Sort, TagCount

__all__ = [
    "ANONYMOUS",
    "LOCATION_PREFIX",
    "MAX_TAGS",
    "MAX_TITLE",
    "Account",
    "Action",
    "ApiKey",
    "AuditEntry",
    "Clock",
    "Examination",
    "Fingerprint",
    "Image",
    "ImageChanges",
    "ImageFilter",
    "Link",
    "NewImage",
    "Page",
    "Place",
    "Position",
    "RegistrationPolicy",
    "Resource",
    "Role",
    "Said",
    "Scope",
    "Sort",
    "TagCount",
    "Tier",
    "TierLimits",
    "Usage",
    "User",
    "View",
    "Viewer",
    "Visibility",
]
