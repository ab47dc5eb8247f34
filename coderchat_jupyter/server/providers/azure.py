"""OpenAI's models at Azure, by the older addresses and by the newer ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qs, urlsplit, urlunsplit

from coderchat_jupyter.server.providers.openai_chat import OpenAIChatProvider

if TYPE_CHECKING:
    from openai import AsyncOpenAI

__all__ = ["AzureProvider", "azure_address"]

_DEPLOYMENT: Final = "/openai/deployments/"


def azure_address(base_url: str) -> tuple[str, str | None]:
    """From what an administrator pasted: where to call, and the dated API version.

    Azure shows addresses in many forms. One that names an `api-version` is an older
    one, whose paths name the deployment. All others lead to the newer API, which
    takes no version; the path `/openai/v1` is added where it is missing.

    Returns:
        The base address, and the version or None. With a version it is that of the
        resource, without `/openai`.
    """
    parts = urlsplit(base_url)
    version = next(iter(parse_qs(parts.query).get("api-version", ())), None)
    path = parts.path.rstrip("/")
    for ending in ("/chat/completions", "/responses"):
        path = path.removesuffix(ending)
    if version and version not in ("v1", "preview", "latest"):
        path = path.partition("/openai")[0]
        return urlunsplit((parts.scheme, parts.netloc, path, "", "")), version
    if _DEPLOYMENT in f"{path}/" or path.endswith("/openai"):
        path = path.partition("/openai")[0]
    is_serverless = (parts.hostname or "").endswith(".models.ai.azure.com")
    if not path.endswith("/v1"):
        path += "/v1" if is_serverless else "/openai/v1"
    return urlunsplit((parts.scheme, parts.netloc, path, "", "")), None


class AzureProvider(OpenAIChatProvider):
    """A provider of type azure. The model's name is that of the deployment."""

    def _open(self) -> AsyncOpenAI:
        from openai import AsyncAzureOpenAI

        from coderchat_jupyter.server.providers._openai_client import QuickOpenAI

        self._import()
        base_url, version = azure_address(self._row.base_url)
        key = self._row.api_key
        secret = key.get_secret_value() if key else "none"
        # A bearer token would be taken for one of the directory's.
        common = self._common(without=("Authorization",))
        if version is not None:
            return AsyncAzureOpenAI(
                azure_endpoint=base_url,
                api_version=version,
                api_key=secret,
                **common,
            )
        common["default_headers"] |= {"api-key": secret}
        return QuickOpenAI(api_key="none", base_url=base_url, **common)
