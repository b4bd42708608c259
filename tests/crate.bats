# A run described as a research object.

load helper
# shellcheck disable=SC2034
NEEDS=crate

# A run of two steps, as their manifests tell of it.
small_run() {
	mkdir -p runs/colon/manifests runs/colon/typed
	cp "$GOLDEN/sample_counts.h5ad" 'in put.h5ad'
	lognorm -q 'in put.h5ad' -o runs/colon/log.h5ad --manifest runs/colon/manifests/lognorm.colon.json
	h5-info -q runs/colon/log.h5ad -o runs/colon/typed/info.tsv --manifest runs/colon/manifests/info.colon.json
}

@test "every step is an action on files that are there, by the rules of the profile" {
	small_run
	crate -q --date 2026-11-28 --license https://spdx.org/licenses/CC-BY-4.0 runs/colon
	python - <<-'PY'
	import json, os, urllib.parse
	crate = json.load(open("runs/colon/ro-crate-metadata.json"))
	assert crate["@context"] == "https://w3id.org/ro/crate/1.1/context"
	graph = {e["@id"]: e for e in crate["@graph"]}
	assert len(graph) == len(crate["@graph"]), "two entities of one id"
	assert all("@type" in e for e in graph.values())
	about = graph["ro-crate-metadata.json"]
	assert about["about"] == {"@id": "./"} and about["conformsTo"]["@id"] == "https://w3id.org/ro/crate/1.1"
	root = graph["./"]
	assert root["@type"] == "Dataset" and root["conformsTo"]["@id"].startswith("https://w3id.org/ro/wfrun/process/")
	for word in ("name", "description", "datePublished", "license"): assert root[word]
	def named(x):
	    if isinstance(x, dict):
	        if set(x) == {"@id"}: yield x["@id"]
	        for v in x.values(): yield from named(v)
	    elif isinstance(x, list):
	        for v in x: yield from named(v)
	outside = {i for e in graph.values() for i in named({k: v for k, v in e.items() if k != "@id"})} - set(graph)
	assert outside <= {"https://w3id.org/ro/crate/1.1", "http://schema.org/CompletedActionStatus"}, outside
	actions = [e for e in graph.values() if e["@type"] == "CreateAction"]
	assert {a["@id"] for a in actions} == {m["@id"] for m in root["mentions"]} and len(actions) == 2
	for a in actions:
	    tool = graph[a["instrument"]["@id"]]
	    assert tool["@type"] == "SoftwareApplication" and tool["softwareVersion"]
	    assert a["object"] and a["result"] and "agent" not in a and "endTime" not in a
	    assert tool["url"].startswith("http") and tool["@id"].startswith("http")
	licence = graph[root["license"]["@id"]]
	assert licence["@type"] == "CreativeWork" and licence["name"] == "CC-BY-4.0"
	parts = [p["@id"] for p in root["hasPart"]]
	assert set(parts) == {e["@id"] for e in graph.values() if e["@type"] == "File"}, "a File is a part of the root"
	here = sorted(p for p in parts if not p.startswith("file:"))
	assert here == ["log.h5ad", "typed/info.tsv"], here
	for p in here:
	    assert os.path.getsize("runs/colon/" + urllib.parse.unquote(p)) == graph[p]["contentSize"]
	assert any(i.startswith("file://") and i.endswith("in%20put.h5ad") for i in graph)
	PY
}

@test "whose it is, for whom, and when steps ended, where that is told" {
	small_run
	touch -d '2026-01-31 13:14:15 UTC' runs/colon/manifests/*
	crate -q --date 2026-11-28 --author 'A. Person' --author-id https://orcid.org/0000-0002-1825-0097 --organization 'An Institute' --organization-id https://ror.org/000000000 --times runs/colon -o a.json
	python - <<-'PY'
	import json
	graph = {e["@id"]: e for e in json.load(open("a.json"))["@graph"]}
	root, person = graph["./"], graph["https://orcid.org/0000-0002-1825-0097"]
	house = graph["https://ror.org/000000000"]
	assert root["author"] == {"@id": person["@id"]} and root["publisher"] == {"@id": house["@id"]}
	assert person["@type"] == "Person" and person["name"] == "A. Person" and person["affiliation"] == {"@id": house["@id"]}
	assert house["@type"] == "Organization" and house["name"] == "An Institute" and house["url"] == house["@id"]
	assert graph["#license"]["name"] == "not stated" and root["license"] == {"@id": "#license"}
	actions = [e for e in graph.values() if e["@type"] == "CreateAction"]
	assert len(actions) == 2
	for a in actions: assert a["agent"] == {"@id": person["@id"]} and a["endTime"] == "2026-01-31T13:14:15+00:00"
	PY
	fails 2 'needs a name' crate --date 2026-11-28 --author-id https://orcid.org/0000-0002-1825-0097 runs/colon
}

@test "from anywhere the folder is called by, its files are the same parts" {
	small_run
	here=$PWD
	crate -q --date 2026-11-28 --name colon runs/colon -o a.json
	crate -q --date 2026-11-28 --name colon "$here/runs/colon/" -o b.json
	same a.json b.json
	(cd runs/colon && crate -q --date 2026-11-28 --name colon . -o "$here/c.json")
	same a.json c.json
	(cd / && crate -q --date 2026-11-28 --name colon "$here/runs/colon" -o "$here/d.json")
	same a.json d.json
	grep -q '"@id": "typed/info.tsv"' d.json
}

@test "the same run gives the same bytes; a folder that is no run is named" {
	small_run
	crate -q --date 2026-11-28 runs/colon -o a.json
	crate -q --date 2026-11-28 runs/colon -o b.json
	same a.json b.json
	mkdir none
	fails 1 'none.*no manifests' crate --date 2026-11-28 none
	[ ! -e none/ro-crate-metadata.json ]
	fails 2 'date' crate runs/colon
	fails 2 'date' crate --date 28.11.2026 runs/colon
	fails 2 'name the folder' crate --date 2026-11-28
}
