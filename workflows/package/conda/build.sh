#!/bin/bash
# What conda-build and rattler-build run, in the unpacked source archive.
set -euo pipefail
export PKG_CONFIG_PATH="$PREFIX/lib/pkgconfig"
# shellcheck disable=SC2153
make -j"${CPU_COUNT:-1}" CC="$CC" CFLAGS="${CFLAGS-} -I$PREFIX/include -Wno-error" \
	LDFLAGS="${LDFLAGS-} -L$PREFIX/lib -Wl,-rpath,$PREFIX/lib" all
make install PREFIX="$PREFIX"
