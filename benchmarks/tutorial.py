"""A chat page as tutorials build it with LangChain and Gradio, to be compared with: `... tutorial FOLDER`.

It says the best passage of LangChain's ensemble (benchmarks.stages); the folder holds documents.jsonl.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from benchmarks.stages import Clock, bodies, ensemble


def main() -> None:
    """Serve on a free port, say the address as JSON, and go on until stopped."""
    import gradio

    find = ensemble(bodies(Path(sys.argv[1])), Clock())

    def reply(message: str, _: object) -> str:
        return str(find(message)[0].page_content)

    page = gradio.ChatInterface(reply, api_name="chat")
    _, address, _ = page.launch(server_name="127.0.0.1", quiet=True, prevent_thread_lock=True)
    print(json.dumps({"customer": address}), flush=True)
    page.block_thread()


if __name__ == "__main__":
    main()
