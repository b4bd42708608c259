# ref-fetch: a checked cache, against a server with bad manners (tests/ref_server.py).

load helper

start_server() {
	mkdir -p server/files
	serve ref_server.py ports || return 1
	read -r PORT OTHER <server/ports
	HERE=http://127.0.0.1:$PORT
}

setup() {
	needs ref-fetch
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	export TMPDIR=$PWD/tmp CELLXGENE_CACHE_DIR=$PWD/cache
	unset SYNAPSE_AUTH_TOKEN PIPETTE_REGISTRY SCRNASEQ_DATA_DIR http_proxy https_proxy all_proxy
	unset HTTPS_PROXY ALL_PROXY no_proxy NO_PROXY
	start_server
	python -c 'import random, sys
sys.stdout.buffer.write(random.Random(1).randbytes(3000000))' >server/files/big.h5ad
	head -c 3000 server/files/big.h5ad >server/files/small.h5ad
}

teardown() {
	stop_server
	find . -path './tmp/*' | grep . && return 1
	return 0
}

# list ID MODE [FILE [SIZE [SHA256]]]: a list of one.
list() {
	printf 'id\tsource\taddress\tsize\tsha256\n%s\turl\t%s\t%s\t%s\n' "$1" "$HERE/$2/${3:-big.h5ad}" \
		"${4-}" "${5-}" >list.tsv
}
sum() { sha256sum "server/files/${1:-big.h5ad}" | cut -d ' ' -f 1; }
fetch() { ref-fetch -q --wait 0.01 "$@" -o fetched.tsv; }
field() { awk -F '\t' -v name="$1" -v row="${2:-2}" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
	NR == row { print $at }' fetched.tsv; }
requests() { grep -c . server/requests; }
arrived() { # the file is there, whole, under the name the table gives
	cmp "$(field path)" "server/files/${1:-big.h5ad}" && [ "$(field sha256)" = "$(sum "${1:-big.h5ad}")" ]
}
no_part() { [ -z "$(find cache -name part -o -name part.tsv)" ]; }

@test "a file is fetched, described, and not fetched again" {
	list a ok big.h5ad 3000000 "$(sum)"
	fetch list.tsv
	[ "$(field status)" = downloaded ] && arrived && no_part
	fetch list.tsv
	[ "$(field status)" = cached ] && arrived
	[ "$(requests)" -eq 1 ]
}

@test "a connection cut in the middle goes on where it broke off" {
	list a cut big.h5ad 3000000 "$(sum)"
	fetch list.tsv
	arrived && no_part
	[ "$(requests)" -eq 4 ]
	[ "$(awk '$4 != "-"' server/requests | wc -l)" -eq 3 ]
}

@test "what an earlier run left is gone on with, and the table says so" {
	list a cutalways big.h5ad
	run ref-fetch -q --retries 0 list.tsv -o fetched.tsv
	[ "$status" -eq 1 ] && [ "$(field status)" = failed ]
	[ "$(stat -c %s cache/*/part)" -eq 1500000 ]
	[ -z "$(find cache -name '*.h5ad' -type f)" ]
	run ref-fetch -q --retries 1 --wait 0.01 list.tsv -o fetched.tsv
	[ "$(stat -c %s cache/*/part)" -gt 1500000 ]
	grep -q 'bytes=1500000-' server/requests
}

@test "a file that changed meanwhile is fetched from its start" {
	list a changed
	fetch list.tsv
	printf '\004' | cmp -n 1 - "$(field path)"
	cmp <(tail -c +2 "$(field path)") <(tail -c +2 server/files/big.h5ad)
}

@test "a server that ignores ranges, or has only a weak ETag, is asked for all again" {
	list a norange big.h5ad 3000000 "$(sum)"
	fetch list.tsv
	arrived
	rm server/requests
	list b weak big.h5ad 3000000 "$(sum)"
	fetch list.tsv
	arrived
	[ "$(awk '$4 != "-"' server/requests | wc -l)" -eq 0 ]
}

@test "a server that sends another range than asked for is not believed" {
	list a lyingrange
	fails 1 'another part' ref-fetch --wait 0.01 list.tsv -o fetched.tsv
	[ "$(field status)" = failed ]
}

@test "lengths that lie are found out" {
	list a long
	fails 1 'a: ' ref-fetch --wait 0.01 --retries 2 list.tsv -o fetched.tsv
	list b short big.h5ad 3000000
	fails 1 'the server has 2999990 bytes, but the list says 3000000' \
		ref-fetch --wait 0.01 list.tsv -o fetched.tsv
	list c short big.h5ad '' "$(sum)"
	fails 1 'sha256 is' ref-fetch --wait 0.01 list.tsv -o fetched.tsv
	[ -z "$(find cache -name '*.h5ad' -type f)" ]
}

@test "a server that says no length is noted, and checked when a size is known" {
	list a nolength
	fetch list.tsv
	arrived
	field message | grep -q 'did not say how long'
	list b nolength big.h5ad 3000001
	fails 1 'size is 3000000, but should be 3000001' ref-fetch --refresh --wait 0.01 list.tsv -o fetched.tsv
}

@test "wrong bytes are not taken; spoilt once is tried again" {
	list a wrong big.h5ad 3000000 "$(sum)"
	fails 1 "sha256 is [0-9a-f]{64}, but should be $(sum)" ref-fetch --wait 0.01 list.tsv -o fetched.tsv
	[ "$(requests)" -eq 2 ]
	[ "$(stat -c %s cache/*/part)" -eq 0 ]
	[ -z "$(find cache -name '*.h5ad' -type f)" ]
	list b wrongonce big.h5ad 3000000 "$(sum)"
	fetch list.tsv
	arrived
}

@test "an MD5 in the list, or as the ETag of an S3 upload, is checked" {
	printf 'id\taddress\tmd5\na\t%s\t%032d\n' "$HERE/ok/big.h5ad" 0 >list.tsv
	fails 1 'md5 is' ref-fetch --wait 0.01 list.tsv -o fetched.tsv
	printf 'id\taddress\tmd5\na\t%s\t%s\n' "$HERE/ok/big.h5ad" \
		"$(md5sum server/files/big.h5ad | cut -d ' ' -f 1)" >list.tsv
	fetch list.tsv
	list b s3
	fails 1 'md5 is' ref-fetch --wait 0.01 list.tsv -o fetched.tsv
}

@test "429 is waited out as Retry-After says, 500 is tried again" {
	local start=$SECONDS
	list a busy
	fetch list.tsv
	arrived
	[ $((SECONDS - start)) -ge 2 ]
	list b broken
	fetch list.tsv
	arrived
	rm server/requests
	list c down
	fails 1 'the server answers 500' ref-fetch --wait 0.01 --retries 3 list.tsv -o fetched.tsv
	[ "$(requests)" -eq 4 ]
}

@test "400, 401, 403, 404 and 410 are not tried again" {
	local code
	for code in 400 401 403 404 410; do
		rm -f server/requests
		list a $code
		fails 1 "the server answers $code" ref-fetch --wait 0.01 list.tsv -o fetched.tsv
		[ "$(requests)" -eq 1 ]
	done
}

@test "a server that falls silent is left and asked again" {
	list a drip big.h5ad 3000000 "$(sum)"
	fetch --stall 3 list.tsv
	arrived
	grep -q 'bytes=1500000-' server/requests
}

@test "redirects are followed, but not round in circles, off https, or to files" {
	list a away
	fetch list.tsv
	arrived
	grep -q "^2 GET /ok/big.h5ad" server/requests
	list b loop
	fails 1 'redirected more than' ref-fetch --wait 0.01 list.tsv -o fetched.tsv
	list c outside
	fails 1 'only https is used' ref-fetch --wait 0.01 list.tsv -o fetched.tsv
	list d outoflist
	fails 1 'redirected: file:///etc/passwd: not an https address' ref-fetch --wait 0.01 list.tsv -o fetched.tsv
}

@test "http to other machines, and passwords in addresses, are refused" {
	printf 'id\taddress\na\thttp://example.invalid/x.h5ad\n' >list.tsv
	fails 1 'only https is used' ref-fetch list.tsv -o fetched.tsv
	printf 'id\taddress\na\thttp://127.0.0.1@example.invalid/x.h5ad\n' >list.tsv
	fails 1 'user or password' ref-fetch list.tsv -o fetched.tsv
	printf 'id\taddress\na\thttp://127.1/x.h5ad\n' >list.tsv
	fails 1 'only https is used' ref-fetch list.tsv -o fetched.tsv
}

@test "a damaged cache file is noticed and fetched again" {
	list a ok big.h5ad
	fetch list.tsv
	printf X | dd of="$(field path)" bs=1 seek=1000 conv=notrunc status=none
	fetch list.tsv
	[ "$(field status)" = downloaded ] && arrived
	field message | grep -q damaged
	truncate -s 100 "$(field path)"
	fetch list.tsv
	arrived
	: >"$(dirname "$(field path)")/about.tsv"
	fetch list.tsv
	arrived
}

@test "--offline uses the cache and nothing else" {
	list a ok
	fails 1 'a: not in the cache' ref-fetch --offline list.tsv -o fetched.tsv
	[ ! -e cache ] && [ ! -e server/requests ]
	fetch list.tsv
	kill "$SERVER"
	chmod -R a-w cache
	fetch --offline list.tsv
	[ "$(field status)" = cached ] && arrived
	chmod -R u+w cache
	printf X | dd of="$(field path)" bs=1 seek=1000 conv=notrunc status=none
	fails 1 'damaged' ref-fetch --offline list.tsv -o fetched.tsv
}

@test "a cache that somebody else fills and this user may only read is used" {
	list a ok
	fetch list.tsv
	chmod -R a-w cache
	unprivileged ref-fetch -q list.tsv -o fetched.tsv
	[ "$(field status)" = cached ] && arrived
	chmod -R u+w cache && rm cache/*/lock && chmod -R a-w cache
	unprivileged ref-fetch -q list.tsv -o fetched.tsv
	arrived
	[ "$(requests)" -eq 1 ]
	list b ok small.h5ad
	fails 1 'b: .*cannot be made: Permission denied' unprivileged ref-fetch list.tsv -o fetched.tsv
	chmod -R u+w cache
	printf X | dd of="$(echo cache/big*/big.h5ad)" bs=1 seek=1000 conv=notrunc status=none
	chmod -R a-w cache
	list a ok
	fails 1 'a: .*cannot be made: Permission denied' unprivileged ref-fetch list.tsv -o fetched.tsv
	chmod -R u+w cache
}

@test "a file that fails does not stop the others, and the table says which" {
	printf 'id\taddress\na\t%s\nb\t%s\nc\t%s\n' "$HERE/ok/big.h5ad" "$HERE/404/big.h5ad" \
		"$HERE/ok/small.h5ad" >list.tsv
	run ref-fetch -q list.tsv -o fetched.tsv
	[ "$status" -eq 1 ]
	[ "$(cut -f 1,3 fetched.tsv | tail -n +2 | tr '\t\n' ' ,')" = "a downloaded,b failed,c downloaded," ]
	field message 3 | grep -q 404
}

@test "two processes and two rows with one address fetch it once" {
	list a slow
	sed -n 2p list.tsv | sed 's/^a/b/' >>list.tsv
	ref-fetch -q list.tsv -o one.tsv &
	local first=$!
	ref-fetch -q list.tsv -o two.tsv
	wait $first
	[ "$(requests)" -eq 1 ]
	[ "$(cat one.tsv two.tsv | grep -c downloaded)" -eq 1 ]
	[ "$(cat one.tsv two.tsv | grep -c cached)" -eq 3 ]
}

@test "a killed fetch leaves no file, and the next goes on" {
	list a halt
	ref-fetch -q --stall 600 list.tsv -o fetched.tsv &
	local running=$!
	for _ in $(seq 1200); do # the server waits with the second half
		[ "$(stat -c %s cache/*/part 2>/dev/null || echo 0)" -eq 1500000 ] && break
		sleep 0.05
	done
	kill -9 $running
	wait $running || true
	[ -z "$(find cache -name '*.h5ad' -type f)" ]
	rm -f .fetched.tsv.*
	cp -r cache kept
	if [ -x "$FAULT" ]; then # a disk that does not give what there is
		local n
		for n in $(seq 40); do
			rm -rf cache
			cp -r kept cache
			run_split timeout 20 "$FAULT" -c read -n "$n" -d EIO ref-fetch --retries 0 list.tsv -o broken.tsv
			grep -q 'a: .*cache/[^ ]*: cannot be read: Input/output error' <<<"$errors" && break
			echo "$n: $status: $errors"
		done
		[ "$status" -eq 1 ] && grep -q 'failed' broken.tsv && cmp cache/*/part kept/*/part
	fi
	fetch list.tsv
	[ "$(field status)" = resumed ] && arrived
	grep -q 'bytes=1500000-' server/requests
}

@test "a disk on which a download cannot begin" {
	[ -x "$FAULT" ] || skip "$FAULTLESS"
	list a ok big.h5ad 3000000 "$(sum)"
	fails 1 'a: .*cache/[^ ]*: cannot be written: No space left on device' \
		"$FAULT" -c cut -n 1 -d ENOSPC ref-fetch --retries 0 list.tsv -o fetched.tsv
	[ "$(field status)" = failed ]
	[ -z "$(find cache -name '*.h5ad' -type f)" ]
	fetch list.tsv
	arrived && no_part
}

@test "a web page instead of the file is not taken for it" {
	list a page
	fails 1 'a: the server sends a web page, not the file' ref-fetch --wait 0.01 --retries 1 list.tsv -o fetched.tsv
	[ "$(field status)" = failed ]
	[ -z "$(find cache -name '*.h5ad' -type f)" ]
}

@test "s3 addresses are fetched below --endpoint" {
	printf 'id\tsource\taddress\na\tcellxgene\ts3://ok/big.h5ad\n' >list.tsv
	fetch --endpoint "$HERE" list.tsv
	arrived
	grep -q 'GET /ok/big.h5ad' server/requests
}

@test "a proxy of the environment is asked for https" {
	printf 'id\taddress\na\thttps://example.invalid/x.h5ad\n' >list.tsv
	https_proxy=$HERE run ref-fetch -q --retries 0 list.tsv -o fetched.tsv
	[ "$status" -eq 1 ]
	grep -q 'CONNECT example.invalid:443' server/requests
}

@test "local files are checked where they are" {
	printf 'id\tsource\tpath\tsize\na\tlocal\t%s\t3000\n' "$PWD/server/files/small.h5ad" >list.tsv
	fetch list.tsv
	[ "$(field status)" = local ] && arrived small.h5ad
	printf 'id\tsource\tpath\tsize\na\tlocal\t%s\t3001\n' "$PWD/server/files/small.h5ad" >list.tsv
	fails 1 'has 3000 bytes, but the list says 3001' ref-fetch list.tsv -o fetched.tsv
}

@test "Synapse: token to the service, none to the signed address, neither shown" {
	SYNAPSE_AUTH_TOKEN=good-token ref-fetch --synapse "$HERE" --manifest m.json syn1 -o fetched.tsv 2>errors.txt
	arrived small.h5ad
	[ "$(basename "$(field path)")" = atlas.h5ad ]
	[ "$(cut -d ' ' -f 1,5 server/requests | sort -u | tr '\n' ,)" = "1 token,2 -," ]
	! grep -rE 'good-token|hush' errors.txt m.json fetched.tsv cache
}

@test "Synapse: what lacks is said: a token, a good one, approval" {
	fails 1 'set SYNAPSE_AUTH_TOKEN' ref-fetch --synapse "$HERE" syn1 -o fetched.tsv
	fails 1 'request for access approved' ref-fetch --synapse "$HERE" amp_ra_synovial_atlas -o fetched.tsv
	[ ! -e server/requests ]
	SYNAPSE_AUTH_TOKEN=bad fails 1 'wrong, expired or lacks' ref-fetch --synapse "$HERE" syn1 -o fetched.tsv
	SYNAPSE_AUTH_TOKEN=good-token fails 1 'Request Access' ref-fetch --synapse "$HERE" syn403 -o fetched.tsv
	SYNAPSE_AUTH_TOKEN=good-token fails 1 'Request Access' ref-fetch --synapse "$HERE" syn77 -o fetched.tsv
}

@test "Synapse: a redirected request does not take the token along" {
	SYNAPSE_AUTH_TOKEN=good-token fails 1 'not sent elsewhere' ref-fetch --synapse "$HERE" syn307 -o fetched.tsv
	! grep '^2 ' server/requests
}

@test "Synapse: a token file that others may read is refused" {
	echo good-token >token
	chmod 644 token
	fails 1 'chmod 600' ref-fetch --synapse "$HERE" --token-file token syn1 -o fetched.tsv
	chmod 600 token
	fetch --synapse "$HERE" --token-file token syn1
	arrived small.h5ad
}

@test "a full disk is told" {
	! watched threads || skip "the sanitizer of threads writes a file of its own, which would be too large"
	list a ok
	mkdir cache
	run bash -c 'ulimit -f 1000; trap "" XFSZ; ref-fetch -q --retries 0 list.tsv -o fetched.tsv'
	[ "$status" -eq 1 ]
	[[ $output == *'cannot be written'* ]]
	[ -z "$(find cache -name '*.h5ad' -type f)" ]
}

@test "lists that are none are refused with line and column" {
	printf 'name\taddress\na\tb\n' >list.tsv
	fails 1 'no column .*id' ref-fetch list.tsv -o fetched.tsv
	printf 'id\taddress\tsha256\na\tb\tzz\n' >list.tsv
	fails 1 'line 2: sha256' ref-fetch list.tsv -o fetched.tsv
	fails 1 'did you mean lung_covid' ref-fetch lung_covd -o fetched.tsv
}

@test "workflows/steps/fetch-named: a published model by its name, as a container" {
	cp "$GOLDEN/lr.sk15.pkl" server/files/Tiny.pkl
	printf 'datasets:\n  Tiny: {source: models, url: "%s/ok/Tiny.pkl"}\n' "$HERE" >mine.yaml
	"$TESTS/../workflows/steps/fetch-named" model Tiny mine.yaml -o tiny.h5 --manifest m.json
	lr-model import "$GOLDEN/lr.sk15.pkl" -o direct.h5
	lr-model classes tiny.h5 >ours.tsv
	lr-model classes direct.h5 >theirs.tsv
	[ "$(wc -l <ours.tsv)" -gt 2 ] && same ours.tsv theirs.tsv
	grep -q '"tool": "lr-model"' m.json
	"$TESTS/../workflows/steps/fetch-named" model Tiny.pkl mine.yaml -o tiny.h5
	[ "$(requests)" -eq 1 ]
	run "$TESTS/../workflows/steps/fetch-named" model Tyny mine.yaml -o none.h5
	[ "$status" -ne 0 ] && [[ $output == *'did you mean Tiny'* ]] && [ ! -e none.h5 ]
	[ "${#lines[@]}" -eq 1 ]
}

@test "workflows/steps/fetch-named: an h5ad as it is, an RDS converted" {
	cp "$GOLDEN/kinds_sk15.h5ad" "$GOLDEN/rds/pbmc_small.rds" server/files/
	printf 'datasets:\n  a: {source: url, url: "%s"}\n  b: {source: url, url: "%s"}\n' \
		"$HERE/ok/kinds_sk15.h5ad" "$HERE/ok/pbmc_small.rds" >mine.yaml
	"$TESTS/../workflows/steps/fetch-named" reference a mine.yaml -o a.h5ad --manifest m.json
	cmp a.h5ad "$GOLDEN/kinds_sk15.h5ad"
	python - "$(sha256sum <a.h5ad)" <<-'E'
	import json, os, sys
	m = json.load(open("m.json"))
	assert m["tool"] == "ref-fetch", m
	size = os.path.getsize("a.h5ad")
	assert m["outputs"] == [{"path": "a.h5ad", "size": size, "sha256": sys.argv[1].split()[0]}], m
	E
	"$TESTS/../workflows/steps/fetch-named" reference b mine.yaml -o b.h5ad --manifest m.json
	grep -q '"tool": "rds-import"' m.json
	h5-info b.h5ad | grep -q 80
	run "$TESTS/../workflows/steps/fetch-named" reference a mine.yaml
	[ "$status" -eq 2 ]
}

@test "workflows/ref-load.mk: from a name to an h5ad with approved symbols" {
	cp "$GOLDEN/rds/pbmc_small.rds" server/files/
	printf 'datasets:\n  pbmc: {source: url, url: "%s"}\n' "$HERE/ok/pbmc_small.rds" >mine.yaml
	make -f "$TESTS/../workflows/ref-load.mk" BIN="$BIN" REGISTRY=mine.yaml pbmc.h5ad
	h5-info pbmc.h5ad | grep -q 80
	[ -s pbmc.genes.tsv ] && [ ! -e pbmc.fetched ]
}

@test "the index of datasets is asked for once, kept apart, renewed on request" {
	cat >registry.yaml <<-E
	services: {discover: "$HERE/ok/datasets", census_h5ads: "$HERE/ok/"}
	datasets:
	  blood_by_words: {source: cellxgene, title: Blood, search: "sapiens blood"}
	  lung_by_words: {source: cellxgene, title: Lung, search: "sapiens lung"}
	E
	index() { # index BLOOD: what the service says
		cat >server/files/datasets <<-E
		[{"dataset_id": "11111111-2222-3333-4444-$1", "title": "Tabula Sapiens - Blood", "assets": [{"filetype": "H5AD", "url": "x"}]},
		 {"dataset_id": "66666666-2222-3333-4444-555555555555", "title": "Tabula Sapiens - Lung", "assets": [{"filetype": "H5AD", "url": "y"}]}]
		E
	}
	ask() { ref-query --registry registry.yaml --discover service "$@" -o list.tsv 2>said; }
	index 555555555555
	ask --offline && return 1
	grep -q 'not in the cache' said
	ask --id blood_by_words
	grep -q '11111111-2222-3333-4444-555555555555.h5ad' list.tsv
	ask --id blood_by_words
	ask --id lung_by_words # other words, the same index
	grep -q 'the answer in the cache is taken' said
	grep -q '66666666-2222-3333-4444-555555555555.h5ad' list.tsv
	[ "$(requests)" -eq 1 ]
	index 999999999999
	ask --id blood_by_words
	grep -q '4444-555555555555.h5ad' list.tsv
	ask --id blood_by_words --refresh
	grep -q '4444-999999999999.h5ad' list.tsv
	[ "$(requests)" -eq 2 ]
	stop_server
	ask --id blood_by_words
	grep -q '4444-999999999999.h5ad' list.tsv
	ask --id blood_by_words --offline
	fails 2 '--refresh asks the service, --offline does not' ref-query --discover service --refresh --offline
}
