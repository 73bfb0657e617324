"""Chat models by name, `provider:model`: what is in the table is opened as a langchain chat model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from langchain_core.language_models import BaseChatModel

LONGEST = 400
"""Tokens that a model may write: more than the three or four sentences that it is asked for need in any script."""
PATIENCE = 60.0
"""Seconds after which a client gives up by itself: the assistant does sooner, and leaves a thread behind until then."""


class ModelRefused(Exception):
    """No chat model can be opened under a name; the text says what to do."""


def open_model(name: str) -> BaseChatModel:
    """The chat model of a name, as in `openai:gpt-5-mini`, `ollama:qwen3:8b`, `local:Qwen/Qwen3-0.6B`.

    Keys and addresses are read once, here, from the variables that the providers' own clients read: OPENAI_API_KEY and
    OPENAI_BASE_URL, OLLAMA_HOST, HF_TOKEN and HF_HOME. Raises ModelRefused.
    """
    provider, _, model = name.partition(":")
    if provider not in PROVIDERS or not model:
        raise ModelRefused(
            f"There is no chat model {name!r}: name one as provider:model, "
            f"where the provider is {' or '.join(PROVIDERS)}."
        )
    try:
        return PROVIDERS[provider](model)
    except ImportError as error:
        raise ModelRefused(
            f"{provider} models need a package that is not installed ({error.name}): "
            f"install it with `pip install .[{provider}]`."
        ) from error
    except Exception as error:  # another's code, which may fail in any way
        why = str(error).strip().partition("\n")[0].rstrip(".") or type(error).__name__
        raise ModelRefused(
            f"The chat model {name!r} cannot be opened ({why}): "
            "check its name, and the key and the address in the environment."
        ) from error


def _openai(model: str) -> BaseChatModel:
    from langchain_openai import ChatOpenAI

    # Its client would ask again after a time-out, when the first answer may still be on its way.
    chat: BaseChatModel = ChatOpenAI(
        model=model, temperature=0, max_retries=0, max_completion_tokens=LONGEST, timeout=PATIENCE
    )
    return chat


def _ollama(model: str) -> BaseChatModel:
    from langchain_ollama import ChatOllama

    chat: BaseChatModel = ChatOllama(
        model=model, temperature=0, num_predict=LONGEST, client_kwargs={"timeout": PATIENCE}
    )
    return chat


def _local(model: str) -> BaseChatModel:
    from langchain_huggingface import ChatHuggingFace, HuggingFacePipeline

    kwargs = {"max_new_tokens": LONGEST, "do_sample": False, "return_full_text": False}
    pipeline = HuggingFacePipeline.from_model_id(model_id=model, task="text-generation", pipeline_kwargs=kwargs)
    chat: BaseChatModel = ChatHuggingFace(llm=pipeline, model_id=model)
    return chat


PROVIDERS: Mapping[str, Callable[[str], BaseChatModel]] = MappingProxyType(
    {"openai": _openai, "ollama": _ollama, "local": _local}
)
"""How a provider's model is opened; the extra that it needs has the provider's name."""
