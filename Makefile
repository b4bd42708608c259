# Pipette - the front door. `make help` says what there is.

VERSION := 0.1.0
B := build
PREFIX ?= /usr/local
DESTDIR ?=
PEERS ?= $(B)/venv

.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

# ---- libraries: pkg-config names, and the Debian packages that have them ------------------------
NEEDED := hdf5 zlib libdeflate libpcre2-8 yaml-0.1 jansson liblzma
OPTIONAL := igraph openblas libcurl
PACKAGE_hdf5 := libhdf5-dev
PACKAGE_zlib := zlib1g-dev
PACKAGE_libdeflate := libdeflate-dev
PACKAGE_libpcre2-8 := libpcre2-dev
PACKAGE_yaml-0.1 := libyaml-dev
PACKAGE_jansson := libjansson-dev
PACKAGE_liblzma := liblzma-dev libbz2-dev
PACKAGE_igraph := libigraph-dev
PACKAGE_openblas := libopenblas-dev
PACKAGE_libcurl := libcurl4-openssl-dev
TEST_PACKAGES := bats perl python3 python3-h5py python3-venv time
WHEEL_PACKAGES := python3 python3-venv gfortran libglpk-dev libarpack2-dev libplfit-dev
LINT_PACKAGES := cppcheck shellcheck clang-format mandoc python3

# What needs an optional library: filters and unit programs, and files of common/.
NEEDS_igraph := overcluster
NEEDS_openblas := h5-qc knn-graph layout nmf linalg ref-build ref-map knn-transfer ref-model harmony mapping symphony tree \
	vae gradients nn vae-model vae-map vae-train
NEEDS_openblas += mtl-train mtl-predict mtl
NEEDS_openblas += damage corpus broken
NEEDS_libcurl := ref-fetch ref-query llm-annotate
FILES_igraph := common/graph/leiden.c
FILES_openblas := common/linalg/eigen.c common/linalg/gemm.c common/linalg/kernels.c
FILES_libcurl := common/net/http.c

has = $(shell pkg-config --exists $(1) 2>/dev/null && echo $(1))
MISSING := $(strip $(foreach l,$(NEEDED),$(if $(call has,$(l)),,$(l))))
LACKING := $(strip $(foreach l,$(OPTIONAL),$(if $(call has,$(l)),,$(l))))
PRESENT := $(filter-out $(LACKING),$(OPTIONAL))

# ---- what is built -------------------------------------------------------------------------------
TOOLS := $(patsubst tools/%.c,%,$(wildcard tools/*.c))
TOOLS := $(filter-out $(foreach l,$(LACKING),$(NEEDS_$(l))),$(TOOLS))
COMMON := $(filter-out $(foreach l,$(LACKING),$(FILES_$(l))),$(wildcard common/*/*.c common/*/*/*.c))
UNITS := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*.c))
UNITS := $(filter-out $(foreach l,$(LACKING),$(NEEDS_$(l))),$(UNITS))
FUZZERS := $(patsubst tests/fuzz/%.c,%,$(wildcard tests/fuzz/*.c))
BENCHES := $(patsubst tests/bench/%.c,%,$(wildcard tests/bench/*.c))

# ---- flags ---------------------------------------------------------------------------------------
# -ffp-contract=off: the same floating-point results on every processor (see base/util.h, CLONES).
# -fvisibility=hidden: no library that is loaded can call one of our functions by accident.
CC ?= gcc
OPTIMISE ?= -O2 $(if $(findstring clang,$(CC)),,-fvect-cost-model=dynamic)
WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes \
	-Wvla -Wno-psabi -Wformat=2 -Wno-missing-field-initializers -Werror
HARDEN := -fvisibility=hidden -D_FORTIFY_SOURCE=2 -fstack-protector-strong -fPIE
LINK_HARDEN := -pie -Wl,-z,relro,-z,now
ifdef SAN
HARDEN := -fvisibility=hidden -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
LINK_HARDEN := -fsanitize=address,undefined
OPTIMISE := -O1
endif
ifdef TSAN
HARDEN := -fvisibility=hidden -fsanitize=thread -fno-omit-frame-pointer
LINK_HARDEN := -fsanitize=thread
OPTIMISE := -O1
# gcc's calls, which see vectors of 32 bytes as clang's do not, to clang's library, which is twice as fast.
LINKER := $(if $(wildcard $(shell clang -print-resource-dir 2>/dev/null)/lib/*/libclang_rt.tsan*),clang)
endif
ifdef COUNTED
HARDEN := -fvisibility=hidden --coverage -DNO_CLONES
LINK_HARDEN := --coverage -Wl,--wrap=_exit -Wl,--wrap=quick_exit
OPTIMISE := -O0
endif
LIBS_CFLAGS := $(shell pkg-config --cflags $(filter-out $(MISSING),$(NEEDED)) $(PRESENT) 2>/dev/null)
LIBS := $(shell pkg-config --libs $(filter-out $(MISSING),$(NEEDED)) 2>/dev/null) -lbz2 -lpthread -lm
# HDF5=static links HDF5's archive, for a tree to try things in: Debian's shared library brings in curl,
# Kerberos and LDAP for a driver that nobody here uses, 9 of the 11 ms that a filter takes to start. A
# filter is then 4 MB instead of 1; in a folder built so before, `rm -r $(B)/bin` first.
comma := ,
ifeq ($(HDF5),static)
LIBS := $(patsubst -lhdf5,-Wl$(comma)-Bstatic -lhdf5 -Wl$(comma)-Bdynamic,$(LIBS)) -lsz -ldl
endif
needs = $(foreach l,$(PRESENT),$(if $(filter $(1),$(NEEDS_$(l))),$(shell pkg-config --libs $(l))))
ALL_CFLAGS := -std=c11 -g $(OPTIMISE) -ffp-contract=off -fno-math-errno $(WARNINGS) $(HARDEN) \
	-Icommon $(LIBS_CFLAGS) -DPIPETTE_VERSION='"$(VERSION)"' $(CFLAGS)
LINKER := $(or $(LINKER),$(CC))
ALL_LDFLAGS := -Wl,--as-needed $(LINK_HARDEN) $(LDFLAGS)

# ---- all -----------------------------------------------------------------------------------------
.PHONY: all
ifneq ($(MISSING),)
all: deps
	@$(MAKE) --no-print-directory all
else
all: $(TOOLS:%=$(B)/bin/%) $(B)/bin/pipette
	@$(foreach l,$(LACKING),echo "make: $(l) is not installed: left out $(NEEDS_$(l)) (make deps)";) true
endif

# Nets, layouts and exponentials choose between numbers inside their hot loops. Nobody looks at
# floating-point exceptions: to say so lets those loops be vectors too, and changes no value.
$(foreach room,nn vae mtl layout,$(B)/obj/common/$(room)/%.o) $(B)/obj/common/matrix/logexp.o: ALL_CFLAGS += -fno-trapping-math
# The one place where a product and a sum may be one step; see small_product_private.h.
$(B)/obj/common/nn/small_product.o: ALL_CFLAGS += -ffp-contract=fast
# A kernel of vectors of 32 bytes that has no clones under the sanitizer of threads: the same bytes.
$(B)/obj/common/linalg/ordered.o: ALL_CFLAGS += $(if $(TSAN),$(shell grep -qsw avx2 /proc/cpuinfo && echo -mavx2))

$(B)/libpipette.a: $(COMMON:%.c=$(B)/obj/%.o) $(if $(COUNTED),$(B)/obj/tests/reliability/at_exit.o)
	@rm -f $@
	@ar rcsD $@ $^

$(B)/obj/%.o: %.c Makefile
	@mkdir -p $(@D)
	@echo "  cc   $<"
	@$(CC) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

# A filter; a program of tests/unit, tests/fuzz or tests/bench.
define LINK
@mkdir -p $(@D)
@echo "  link $@"
@$(LINKER) $(ALL_LDFLAGS) -o $@ $^ $(call needs,$(*F)) $(LIBS)
endef
$(B)/bin/%: $(B)/obj/tools/%.o $(B)/libpipette.a
	$(LINK)
$(B)/%: $(B)/obj/tests/%.o $(B)/libpipette.a
	$(LINK)

$(B)/bin/pipette: tools/pipette
	@mkdir -p $(@D)
	@sed 's|@VERSION@|$(VERSION)|' $< >$@ && chmod +x $@

# What lets calls and allocations fail, for tests (tests/reliability).
FAULTS := $(if $(findstring x86_64,$(shell uname -m)),$(B)/reliability/fault $(B)/reliability/fault.so) \
	$(B)/reliability/memory.so $(B)/reliability/patient.so
$(B)/reliability/memory.so: tests/reliability/hdf5_calls.c tests/reliability/hdf5_calls.h
$(B)/reliability/patient.so: tests/reliability/patient.c Makefile
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -g -O2 $(WARNINGS) -fPIC -shared -o $@ $<
$(B)/reliability/%.so: tests/reliability/%.c tests/reliability/serve.c tests/reliability/serve.h Makefile
	@mkdir -p $(@D)
	@$(CC) -std=c11 -g -O2 $(WARNINGS) -fPIC -shared -fvisibility=hidden -DSERVED -Icommon $(LIBS_CFLAGS) -o $@ \
		$(filter %.c,$^)

# Who asks the suite's Python; as it is in every build.
$(B)/runner/python-ask: tests/runner/python-ask.c Makefile
	@mkdir -p $(@D)
	@$(CC) -std=gnu11 -O2 $(WARNINGS) -o $@ $<

# HDF5 as Debian has it brings libcurl, and that thirty libraries more: most of the time that a filter
# takes to start. In the tests a libcurl stands before it that loads the real one when it is called.
LIBCURL := $(realpath $(shell $(CC) -print-file-name=libcurl.so.4))
LAZY_CURL := $(if $(shell nm -D $(LIBCURL) 2>/dev/null | grep -m 1 CURL_OPENSSL_4),$(B)/runner/lazy/libcurl.so.4)
$(B)/runner/lazy/libcurl.so.4: workflows/package/python/lazy_curl.c tests/runner/lazy_curl.map Makefile
	@mkdir -p $(@D)
	@$(CC) -O2 $(WARNINGS) -fPIC -shared -DLIBCURL='"$(LIBCURL)"' -Wl,-soname,libcurl.so.4 \
		-Wl,--version-script=tests/runner/lazy_curl.map -o $@ $<

# The nets once more in double precision, for gradients against finite differences.
DOUBLE := $(wildcard common/nn/*.c) $(filter-out %/prototypes.c,$(wildcard common/vae/net/*.c)) \
	common/mtl/mtl_model.c common/mtl/mtl_step.c tests/unit/gradients.c
$(B)/double/%.o: %.c Makefile
	@mkdir -p $(@D)
	@$(CC) $(ALL_CFLAGS) -DNN_DOUBLE -MMD -MP -c -o $@ $<
$(B)/unit/gradients: $(DOUBLE:%.c=$(B)/double/%.o) $(B)/libpipette.a
	@mkdir -p $(@D)
	@$(LINKER) $(ALL_LDFLAGS) -o $@ $^ $(call needs,gradients) $(LIBS)

-include $(shell [ -d $(B)/obj ] && find $(B)/obj $(wildcard $(B)/double) -name '*.d')

# ---- data that ships: how to renew it -------------------------------------------------------------
$(B)/ontology/%: $(B)/obj/ontology/%.o $(B)/libpipette.a
	@mkdir -p $(@D)
	@$(LINKER) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

.PHONY: ontology
ontology: $(B)/ontology/obo-table
	@[ -n "$(OBO)" ] || { echo 'make ontology OBO=cl-simple.obo' >&2; exit 2; }
	$(B)/ontology/obo-table $(OBO) CL: >ontology/cl.tsv.new
	mv ontology/cl.tsv.new ontology/cl.tsv

.PHONY: calibration
calibration: $(B)/bin/cl-map
	@[ -n "$(LABELS)" ] || { echo 'make calibration LABELS=labels.tsv' >&2; exit 2; }
	ontology/fit-calibration.py $(LABELS) $(B)/bin/cl-map ontology/calibration.tsv.new
	mv ontology/calibration.tsv.new ontology/calibration.tsv

# ---- dependencies --------------------------------------------------------------------------------
WANTED := build-essential pkg-config $(foreach l,$(NEEDED),$(PACKAGE_$(l)))
WISHED := $(foreach l,$(OPTIONAL),$(PACKAGE_$(l)))

.PHONY: deps deps-test deps-lint deps-wheel
deps:
	@tests/install-packages $(WANTED) -- $(WISHED)
deps-test: deps
	@tests/install-packages $(TEST_PACKAGES)
deps-lint: deps
	@tests/install-packages $(LINT_PACKAGES)
deps-wheel: deps
	@tests/install-packages $(WHEEL_PACKAGES)

# ---- tests ---------------------------------------------------------------------------------------
JOBS ?= $(shell nproc)
SUITE = $(wildcard tests/*.bats) $(UNITS:%=$(B)/unit/%)

.PHONY: test test-san test-peers fuzz-smoke bench
test: deps-test
	@$(MAKE) --no-print-directory run-tests

.PHONY: run-tests
run-tests: all $(UNITS:%=$(B)/unit/%) $(FAULTS) $(B)/runner/python-ask $(LAZY_CURL)
	@tests/run-suite -j$(JOBS) -b $(B) $(SUITE)

test-san: deps-test
	@$(MAKE) --no-print-directory B=$(B)/san SAN=1 run-tests

$(PEERS)/ready: tests/peers/requirements.txt | deps-test
	python3 -m venv $(PEERS)
	$(PEERS)/bin/pip install --quiet -r $<
	@touch $@

# Two more generations of scikit-learn, for the pickles that are written for them.
$(PEERS)-%/ready: tests/peers/requirements-%.txt | deps-test
	python3 -m venv $(PEERS)-$*
	$(PEERS)-$*/bin/pip install --quiet -r $<
	@touch $@

test-peers: all deps-test $(PEERS)/ready $(PEERS)-sk12/ready $(PEERS)-sk19/ready
	@tests/run-suite -j$(JOBS) -b $(B) -p $(PEERS) $(wildcard tests/peers/*.bats)

# Against R itself, which nothing else here needs.
.PHONY: test-r
test-r: all deps-test
	@command -v Rscript >/dev/null || { echo 'make: test-r needs R: apt-get install' \
		'r-base-core r-cran-matrix r-cran-seuratobject' >&2; exit 1; }
	@tests/run-suite -j1 -b $(B) $(wildcard tests/r/*.bats)

ENGINES := $(B)/engines
# What `make wrappers` makes, as Galaxy, Snakemake and Nextflow see it.
WRAPPING := $(B)/wrapping
.PHONY: test-wrappers
test-wrappers: wrappers $(WRAPPING)/ready $(ENGINES)/jars/ready
	@PIPETTE_WRAPPERS=$(abspath $(B))/wrappers tests/run-suite -j1 -b $(B) -p $(WRAPPING) $(wildcard tests/wrappers/*.bats)
$(WRAPPING)/ready: tests/wrappers/requirements.txt | deps-test
	/usr/bin/python3 -m venv $(WRAPPING)
	$(WRAPPING)/bin/pip install --quiet -r $<
	@touch $@

# Snakemake from PyPI, Nextflow from Maven's repository, SLURM on loopback. Where SLURM cannot be
# installed or started, its tests are skipped and say why.
MAVEN_COPY := org.apache.maven.plugins:maven-dependency-plugin:3.6.0:copy-dependencies
.PHONY: test-engines
test-engines: all deps-test $(ENGINES)/venv/ready $(ENGINES)/jars/ready
	@tests/install-packages slurm-wlm munge || echo 'make: the tests on SLURM will be skipped' >&2
	@tests/run-suite -j$(JOBS) -b $(B) $(wildcard tests/engines/*.bats)
$(ENGINES)/venv/ready: tests/engines/requirements.txt | deps-test
	/usr/bin/python3 -m venv $(@D)
	$(@D)/bin/pip install --quiet -r $<
	@touch $@
$(ENGINES)/jars/ready: tests/engines/pom.xml | deps-test
	@tests/install-packages maven default-jre-headless
	mvn -B -q -f $< $(MAVEN_COPY) -DoutputDirectory=$(abspath $(@D)) -DincludeScope=runtime
	@touch $@

fuzz-smoke: deps-test
	@$(MAKE) --no-print-directory B=$(B)/san SAN=1 run-fuzz
.PHONY: run-fuzz
run-fuzz: all $(FUZZERS:%=$(B)/fuzz/%)
	@tests/fuzz/smoke $(B)

# What goes wrong is made to go wrong, counted; ROW=memory, SAMPLE=0.05, SEED=2, RUNS='lr-*'.
.PHONY: reliability fuzz
reliability: all deps-test $(FAULTS) $(B)/reliability/damage
	@$(MAKE) --no-print-directory B=$(B)/san SAN=1 $(B)/san/reliability/damage
	@tests/reliability/run $(B) $(ROW)

# The filters that have threads, under the sanitizer of threads: no race, the same bytes. tsan-suite:
# all tests (TESTS=tests/lr-train.bats: these), told in BUILD/tsan/told/FILE.tap; what the sanitizer says
# goes to BUILD/tsan/said.*, and any word of it is a failure. A program need not wait a second at its end
# for races of threads that are left, which are of BLAS; and malloc may fail, as anywhere.
.PHONY: test-tsan tsan-suite run-tsan
tsan-suite: deps-test
	@$(MAKE) --no-print-directory B=$(B)/tsan TSAN=1 run-tsan
run-tsan: all $(UNITS:%=$(B)/unit/%) $(FAULTS) $(B)/runner/python-ask $(LAZY_CURL)
	@rm -rf $(B)/said.* $(B)/told && mkdir $(B)/told
	@TSAN_OPTIONS="exitcode=66 die_after_fork=0 atexit_sleep_ms=0 allocator_may_return_null=1 \
		log_path=$(abspath $(B))/said suppressions=$(abspath tests/reliability/threads.supp)" \
		PIPETTE_TOLD=$(abspath $(B))/told \
		setarch -R tests/run-suite -j$(JOBS) -b $(B) $(or $(TESTS),$(SUITE)); \
	status=$$?; tests/reliability/said $(B) && exit $$status
test-tsan: all deps-test $(FAULTS)
	@$(MAKE) --no-print-directory B=$(B)/tsan TSAN=1 all
	@tests/reliability/run $(B) threads

# What the tests and the rows of faults reach, and what not: a build that counts (COVER=tests/gate.bats:
# of these alone).
.PHONY: coverage run-coverage
coverage: deps-test
	@$(MAKE) --no-print-directory B=$(B)/counted COUNTED=1 run-coverage
run-coverage: all $(UNITS:%=$(B)/unit/%) $(FAULTS) $(B)/reliability/damage $(B)/runner/python-ask $(LAZY_CURL)
	@find $(B) -name '*.gcda' -delete
	@tests/run-suite -j$(JOBS) -b $(B) $(or $(COVER),$(SUITE)) || echo 'make: tests failed; what they reached counts'
	@[ -n '$(COVER)' ] || SANITIZED=$(abspath $(B))/reliability/damage SAMPLE=$(or $(SAMPLE),.1) \
		tests/reliability/run $(B) $(COVER_ROWS) || echo 'make: trials went wrong; what they reached counts'
	@tests/reliability/coverage $(B)
COVER_ROWS := memory faults damage spoil hostile code network

# libFuzzer, with clang: FUZZ=json FUZZ_SECONDS=60; each parser in turn without FUZZ. fuzz-night: as
# many executions as are wanted, over all parsers. A program a parser: the fuzzer looks through all
# of its program after each execution.
FUZZED := json yaml config table csv calls calls-whole panel eval tree matrix onto labelmap go gaf markers \
	lists candidates registry reflist orthologs pickle torch rds lzf
FUZZING := B=$(B)/fuzzing CC=clang SAN=1 OPTIMISE=-O2 CFLAGS="-fsanitize=fuzzer-no-link -Wno-pass-failed" LDFLAGS=-fsanitize=fuzzer
$(B)/reliability/libfuzzer-%: tests/reliability/libfuzzer.c $(B)/libpipette.a Makefile
	@mkdir -p $(@D)
	@echo "  link $@"
	@$(CC) $(ALL_CFLAGS) -DPARSER=$(subst -,_,$*) -MMD -MP $(ALL_LDFLAGS) -o $@ $< $(B)/libpipette.a \
		$(call needs,damage) $(LIBS)
fuzz: all
	@$(MAKE) --no-print-directory $(FUZZING) run-fuzzers
	@tests/reliability/fuzz $(B) $(or $(FUZZ),$(FUZZED))
.PHONY: fuzz-night run-fuzzers
run-fuzzers: $(foreach f,$(or $(FUZZ),$(FUZZED)),$(B)/reliability/libfuzzer-$(f))
fuzz-night:
	@EXECUTIONS=$(or $(EXECUTIONS),1000000000) $(MAKE) --no-print-directory fuzz

bench: all $(BENCHES:%=$(B)/bench/%) $(PEERS)/ready
	@tests/bench/run -b $(B) -p $(PEERS) $(BENCH)

# ---- lint ----------------------------------------------------------------------------------------
.PHONY: lint format
lint: deps-lint all
	@tests/lint $(B)
format:
	clang-format -i $(shell git ls-files '*.c' '*.h' '*.inc')

# ---- data ----------------------------------------------------------------------------------------
.PHONY: renew-genes
renew-genes:
	@[ -n "$(HGNC)" ] && [ -n "$(GENCODE)" ] || { echo 'make renew-genes \
	HGNC=hgnc_complete_set.txt GENCODE=gencode.annotation.gtf.gz (see refs/genes/README.md)'; exit 2; }
	refs/genes/renew $(HGNC) $(GENCODE)

# ---- typing cells ---------------------------------------------------------------------------------
# `make type CONFIG=x.yaml`, or `make NAME` for workflows/datasets/NAME.yaml; the rules are in
# workflows/typing.mk.
DATASETS := $(patsubst workflows/datasets/%.yaml,%,$(wildcard workflows/datasets/*.yaml))
TYPING = $(MAKE) --no-print-directory -f workflows/typing.mk BIN=$(B)/bin

.PHONY: type status why verify demo $(DATASETS)
type status why verify: all
	@$(TYPING) CONFIG='$(CONFIG)' $@ $(if $(TARGET),TARGET=$(TARGET))
$(filter-out demo,$(DATASETS)): all
	@$(TYPING) CONFIG=workflows/datasets/$@.yaml
demo: all
	@$(TYPING) CONFIG=workflows/datasets/demo.yaml
	@$(TYPING) CONFIG=workflows/datasets/demo.yaml summary

# ---- install -------------------------------------------------------------------------------------
.PHONY: install uninstall clean help
install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/libexec/pipette \
		$(DESTDIR)$(PREFIX)/share/man/man1 $(DESTDIR)$(PREFIX)/share/pipette
	install -m 755 $(TOOLS:%=$(B)/bin/%) $(DESTDIR)$(PREFIX)/libexec/pipette
	sed -e 's|@VERSION@|$(VERSION)|' tools/pipette >$(DESTDIR)$(PREFIX)/bin/pipette
	chmod 755 $(DESTDIR)$(PREFIX)/bin/pipette
	for t in $(TOOLS); do install -m 644 tools/$$t.1 \
		$(DESTDIR)$(PREFIX)/share/man/man1/pipette-$$t.1 || exit 1; done
	cp -R refs ontology workflows $(DESTDIR)$(PREFIX)/share/pipette/
	install -d $(DESTDIR)$(PREFIX)/share/bash-completion/completions
	install -m 644 workflows/package/completion.bash \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/pipette
	install -D -m 644 workflows/package/completion.zsh $(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pipette
	install -D -m 644 workflows/package/completion.fish \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pipette.fish
uninstall:
	rm -rf $(DESTDIR)$(PREFIX)/libexec/pipette $(DESTDIR)$(PREFIX)/share/pipette \
		$(DESTDIR)$(PREFIX)/bin/pipette $(DESTDIR)$(PREFIX)/share/man/man1/pipette-*.1 \
		$(DESTDIR)$(PREFIX)/share/bash-completion/completions/pipette \
		$(DESTDIR)$(PREFIX)/share/zsh/site-functions/_pipette \
		$(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d/pipette.fish

# ---- packages ------------------------------------------------------------------------------------
.PHONY: dist deb wheel wheel-aarch64 cross-wheel wrappers site
dist:
	@mkdir -p $(B)
	git archive --prefix=pipette-$(VERSION)/ -o $(B)/pipette-$(VERSION).tar.gz HEAD
deb: all
	@rm -rf $(B)/deb
	@$(MAKE) --no-print-directory install PREFIX=/usr DESTDIR=$(B)/deb >/dev/null
	@workflows/package/deb $(B)/deb $(VERSION) $(B)/pipette_$(VERSION).deb
site:
	@docs/make-site $(B)/site
wrappers: all deps-test
	@/usr/bin/python3 workflows/package/wrappers $(B)/bin $(VERSION) $(B)/wrappers
wheel: all deps-wheel
	@$(BUILD_WHEEL)

# The same for a kind of machine that this one is not: `make wheel-aarch64`.
wheel-aarch64: deps-wheel
	@tests/install-packages gcc-aarch64-linux-gnu g++-aarch64-linux-gnu gfortran-aarch64-linux-gnu
	@workflows/package/python/sysroot aarch64 $(B)/aarch64/sysroot
	@MACHINE=aarch64 CROSS=aarch64-linux-gnu- PKG_CONFIG_SYSROOT_DIR=$(abspath $(B))/aarch64/sysroot \
		PKG_CONFIG_LIBDIR=$(abspath $(B))/aarch64/sysroot/usr/lib/aarch64-linux-gnu/pkgconfig \
		$(MAKE) --no-print-directory B=$(B)/aarch64 \
		CC="aarch64-linux-gnu-gcc --sysroot=$(abspath $(B))/aarch64/sysroot" cross-wheel
cross-wheel: $(TOOLS:%=$(B)/obj/tools/%.o) $(B)/libpipette.a
	@$(BUILD_WHEEL)
define BUILD_WHEEL
DENSE='$(filter $(TOOLS),$(NEEDS_openblas))' GPL='$(filter $(TOOLS),$(NEEDS_igraph))' \
	workflows/package/python/build-wheel $(B) $(VERSION)
endef

clean:
	rm -rf $(B)

help:
	@echo 'make             build all filters into $(B)/bin'
	@echo 'make deps        install the Debian packages that are missing'
	@echo 'make test        the test suite        make test-san    under sanitizers'
	@echo 'make test-r      random R objects against R itself (needs R)'
	@echo 'make test-engines  Snakemake, Nextflow and SLURM give what Make gives'
	@echo 'make test-peers  against real Python packages (a venv in $(PEERS))'
	@echo 'make lint        format, static checks, layers, man pages'
	@echo 'make bench       speed and memory against the Python packages'
	@echo 'make fuzz-smoke  mutated inputs, every reader'
	@echo 'make reliability faults of every kind, counted (ROW=memory, SAMPLE=0.05)'
	@echo "make fuzz        clang's fuzzer on every parser (FUZZ=json FUZZ_SECONDS=60)"
	@echo 'make fuzz-night  the same until there are EXECUTIONS (1000000000)'
	@echo 'make coverage    what the tests reach, and the list of what they do not'
	@echo 'make test-tsan   every filter with threads under the sanitizer of threads; tsan-suite: all tests'
	@echo 'make demo        type real PBMC and show a report'
	@echo 'make type CONFIG=x.yaml  the pipeline; status, why TARGET=, verify of the same'
	@echo 'make site        the documentation as plain HTML, into $(B)/site'
	@echo 'make wrappers    for Galaxy, nf-core and snakemake-wrappers, into $(B)/wrappers (test-wrappers)'
	@echo 'make wheel       wheels for Python (pipette-cells), into $(B)/wheel; wheel-aarch64: for that machine'
	@echo 'make install     PREFIX=$(PREFIX) DESTDIR=$(DESTDIR)'
