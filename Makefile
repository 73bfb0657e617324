# Everything that a newcomer needs: `make run` and `make test`. Python 3.11 and make are all that must be there.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
PORT ?= 7860
BIN := .venv/bin
DATA ?= ../shared/data
SUITES ?= $(or $(wildcard ../shared/suites),eval/suites)

.PHONY: run test check bench rank heard needs lock

run: .venv/ready
	@$(BIN)/python app.py index sample --index index
	@$(BIN)/python app.py serve --index index --port $(PORT) --company "Nila Home Appliances"

# A process a core, each with one thread: what shares a fixture stays together as long as both have work.
test: .venv/ready
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses auto --maxprocesses 4 --dist worksteal

check: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/bandit --quiet --recursive knowledge assistant eval app.py

# How well and how fast it finds, beside others: writes docs/benchmarks.md.
bench: .venv/ready
	$(BIN)/python -m benchmarks.quality $(SUITES)
	$(BIN)/python -m benchmarks.speed $(SUITES)

# Learns anew how far each signal of the search is believed, after the embedder or a signal has changed. Indonesian,
# German, Russian, Arabic, Marathi, Bengali, Malayalam, half of Hindi and of Telugu teach; all others check.
PAIRINGS := xquad:de:de xquad:hi:hi xquad:hi:en xquad:ru:en xquad:ar:en xquad:de:en gnomehelp:id:id gnomehelp:te:te \
	gnomehelp:te:en osguide:hi:hi osguide:hi:en osguide:id:en mozfaq:id:id mozfaq:id:en mozlegal:id:id tydiqa:id:id \
	office365:id:id office365:en:id waverify:te:en xorqa:mr:en xorqa:bn:en xorqa:ml:en \
	xquad:hi:hi+en gnomehelp:te:te+en osguide:hi:hi+en mozfaq:id:id+en
ROMANISED := xquad:hi gnomehelp:te gnomehelp:ta osguide:hi mozfaq:hi
rank: .venv/ready
	@for pair in $(ROMANISED); do \
		$(BIN)/python benchmarks/romanise.py $(SUITES)/$${pair%:*} $${pair#*:} $(DATA)/roman --out build/romanised/$${pair%:*}; done
	$(BIN)/python -m eval rank $(addprefix $(SUITES)/,$(PAIRINGS)) --out knowledge/rank.toml \
		$(foreach pair,$(ROMANISED),build/romanised/$(pair)-Latn:$(lastword $(subst :, ,$(pair)))) \
		$(foreach pair,xquad:hi gnomehelp:ta mozfaq:hi,build/romanised/$(pair)-Latn:$(lastword $(subst :, ,$(pair)))+en)

# Learns anew how a question is weighed that a recogniser wrote down. The other half of NoiseQA's documents, and what people
# spoke of HeySQuAD, check.
heard: .venv/ready
	$(BIN)/python -m eval rank $(SUITES)/heysquad-machine:en:en $(SUITES)/noiseqa-asr:en:en\#odd --heard --limit 2000 \
		--check $(SUITES)/noiseqa-asr:en:en\#even --check $(SUITES)/heysquad-human:en:en --out knowledge/heard.toml

# Learns anew which messages need the knowledge at all, after the embedder or eval/turns.toml has changed.
NEEDING := mozfaq:id mozfaq:de mozfaq:en heysquad-human:en heysquad-machine:en xorqa:mr xorqa:bn xorqa:ml xquad:de \
	xquad:ru xquad:hi xquad:en tydiqa:id gnomehelp:te gnomehelp:en osguide:hi dstc9:en \
	$(addprefix waverify:,de en es fr gu hi ja km ko lo ml mr my ne pa ro ru th tr ur vi zh)
needs: .venv/ready
	$(BIN)/python -m eval needs $(addprefix $(SUITES)/,$(NEEDING)) \
		$(addprefix eval/suites/golden:,en hi hu ta te th) --out assistant/needs.toml

# PyPI's torch for Linux brings gigabytes for graphics cards along; without them:
# PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu make run
# pip takes torch from where this machine is set up to look; uv installs the rest, and pip where uv reaches no registry.
# Two thirds of what is installed is never imported: Python compiles the rest when it first does.
# Debian keeps venv in a package of its own; where it is missing and cannot be installed, one sentence says so.
.venv/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || $$([ $$(id -u) = 0 ] || echo sudo) apt-get install -y python3-venv \
		|| { echo "Python's venv is missing: install it (on Debian: apt-get install python3-venv) and run make again." >&2; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt torch uv
	$(BIN)/uv pip install --quiet --python $(BIN)/python --constraint constraints.txt --build-constraint constraints.txt .[dev] \
		|| $(BIN)/pip install --quiet --disable-pip-version-check --no-compile --constraint constraints.txt .[dev]
	@touch $@

# After a change of dependencies in pyproject.toml: resolve them anew and write down what was found.
lock:
	rm -rf .venv && $(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check .[dev]
	$(BIN)/pip freeze --all --exclude pip --exclude sevai | grep -v '^sevai ' | sed 's/+cpu$$//' > constraints.txt
