# Everything one does with this checkout. Each recipe sets up what it needs first: .venv from the lock file, the real
# servers under $FLOORWATCH_CACHE (~/.cache/floorwatch). PYTHON=/path/to/python3.12 chooses another Python.

.DEFAULT_GOAL := test
MINUTES ?= 30
export PYTHONDONTWRITEBYTECODE =  # hundreds of commands are started: compiled once, as an installed package is
.PHONY: help setup servers browsers lint test test-full lab soak fuzz demo golden picture bench calibrate package lock clean

help:        ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /make \1\t/p' Makefile | expand -t 18

setup:       ## make .venv from requirements/dev.txt, hashes checked
	@tools/setup.sh venv

servers: setup  ## fetch what the real tests run: sipp, promtool, mosquitto, PostgreSQL, Asterisk 16 and 22
	@tools/setup.sh servers

browsers: servers  ## fetch what make test-full looks at the page with: Chromium
	@tools/setup.sh browsers

lint: setup  ## ruff, mypy --strict, import contracts
	@tools/test.sh lint

test: servers  ## lint, every short test, 120 real calls on Asterisk 16 and 22 each (default target)
	@tools/test.sh short

test-full: browsers  ## the whole matrix: long properties, the page in a real browser, 500 real calls on each Asterisk
	@tools/test.sh full

lab: servers  ## a real Asterisk with SIP traffic and the daemon on it; prints where to look (ARGS="--asterisk 16")
	@. tools/env.sh && exec .venv/bin/python -m tests.lab.floor $(ARGS)

soak: servers  ## every fault at random against both Asterisks; a table at the end, 1 on any difference (MINUTES=30 ARGS="--seed N")
	@. tools/env.sh && MINUTES=$(MINUTES) exec .venv/bin/python -m tests.lab.soak $(ARGS)

fuzz: setup  ## mangled AMI poured into the daemon, much longer than make test does (MINUTES=30 ARGS="--seed N")
	@MINUTES=$(MINUTES) exec .venv/bin/python -m tests.faults.fuzz $(ARGS)

demo: setup  ## the daemon on a simulated outsourcer; needs no PBX (ARGS="--speed 10")
	@exec .venv/bin/python -m monitor demo $(ARGS)

golden: setup  ## write the golden metrics of tests/scenarios anew; read the diff before committing it
	@. tools/env.sh && .venv/bin/python -m pytest --quiet -m golden --update-golden tests

picture: browsers  ## draw docs/demo.png anew: the page of the demo in a real Chromium
	@. tools/env.sh && exec .venv/bin/python -m tests.browser.picture docs/demo.png

bench: setup  ## a table of speeds on this machine: events per second, CPU per call, scrape, longest loop step
	@. tools/env.sh && exec .venv/bin/python -m tests.bench

calibrate: setup  ## the detectors on 20,000 simulated days per figure, beside what is expected of them (ARGS="--days 50000 --seed 1")
	@exec .venv/bin/python -m tests.calibrate $(ARGS)

package: setup  ## build wheel and sdist into dist/ and start the wheel in a clean environment
	@tools/package.sh

lock: setup  ## write requirements/*.txt anew (UPGRADE=1: newest of everything)
	@tools/lock.sh

clean:       ## remove what the other targets made in this checkout; the cache of servers stays
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find monitor tests -name __pycache__ -type d -prune -exec rm -rf {} +
