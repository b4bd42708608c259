# ref-query: registries, local studies, saved indexes.

load helper

setup() {
	needs ref-query
	cd "$BATS_TEST_TMPDIR" || return 1
	mkdir tmp
	export TMPDIR=$PWD/tmp
	unset PIPETTE_REGISTRY SCRNASEQ_DATA_DIR
}

ids() { cut -f 1 "${1:-list.tsv}" | tail -n +2 | tr '\n' ' '; }
query() { ref-query -q "$@" -o list.tsv; }
value() { awk -F '\t' -v name="$1" 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == name) at = i }
	NR == 2 { print $at }' list.tsv; }

studies() { # the tables of spec/0, with what spreadsheets do to them
	mkdir -p studies/seurat_objects
	printf '\xef\xbb\xbfstudy_id,condition_standardized,tissue_standardized,sample_site_standardized,species_standardized,n_subjects,n_samples,n_cells\r\n' >studies/metadata_summary.csv
	printf '%s\r\n' '21,rheumatoid arthritis,synovial membrane of synovial joint,lesional,homo sapiens,12,18,25000' \
		'42,"psoriatic arthritis","synovial fluid, knee",lesional,homo sapiens,3,4,6000.0' \
		'43,Rheumatoid Arthritis,synovial membrane of synovial joint,"a ""quoted""
site",homo sapiens,3,4,' \
		'44,ankylosing spondylitis,blood,normal,homo sapiens,3,4,90000' \
		'45,rheumatoid arthritis,synovial membrane of synovial joint,lesional,mus musculus,3,4,9999' \
		>>studies/metadata_summary.csv
	printf 'study_id,sample_id,celltype,n\n43,a,T cell,9000\n43,a,fibroblast,900\n43,b,T cell,101\n' \
		>studies/sample_summary.csv
	export SCRNASEQ_DATA_DIR=$PWD/studies
}

@test "the registry that ships is read, without network, at a pinned Census release" {
	query
	[ "$(wc -l <list.tsv)" -eq 9 ]
	query lung_covid
	[ "$(value address)" = s3://cellxgene-census-public-us-west-2/cell-census/2025-11-08/h5ads/d8da613f-e681-4c69-b463-e94f5e66847f.h5ad ]
	[ "$(value release)" = 2025-11-08 ] && [ "$(value label_column)" = cell_type ]
}

@test "every model of every tissue preset is in the registry, with its address" {
	query --source models
	[ "$(wc -l <list.tsv)" -eq 62 ]
	! cut -f 3 list.tsv | tail -n +2 | grep -vE '^https://celltypist\.cog\.sanger\.ac\.uk/models/.*\.pkl$' || false
	for model in $(grep -v '^#' "$TESTS/../refs/tissues.yaml" | grep -o '[A-Za-z_]*\.pkl' | sort -u); do
		query --id "$model"
		[ "$(value id)" = "${model%.pkl}" ]
	done
}

@test "tissue, condition, organism, cells and terms must all hold" {
	query --tissue colon
	[ "$(ids)" = 'colon_immune_niches colon_ulcerative_colitis colon_crohns_immune ' ]
	query --tissue 'COLON|lung' --min-cells 100000
	[ "$(ids)" = 'colon_crohns_immune human_lung_cell_atlas lung_covid ' ]
	query --tissue lung --condition covid
	[ "$(ids)" = 'lung_covid ' ]
	query --organism human smillie
	[ "$(ids)" = 'colon_ulcerative_colitis ' ]
	query --organism mouse
	[ "$(ids)" = '' ]
	query --source models --organism mouse liver
	[ "$(ids)" = 'Healthy_Mouse_Liver ' ]
}

@test "ids are taken as they come: names, dataset ids, Synapse ids" {
	query --id lung_covid,2872f4b0-b171-46e2-abc6-befcf6de6306,syn123,Immune_All_Low.pkl
	[ "$(ids)" = 'lung_covid 2872f4b0-b171-46e2-abc6-befcf6de6306 syn123 Immune_All_Low ' ]
	fails 1 'did you mean lung_covid' ref-query --id lung_covd
}

@test "local studies: presets of spec/0, and two of them without duplicates" {
	studies
	query --preset ra_synovial
	[ "$(ids)" = '21 43 ' ]
	[ "$(value address)" = "$PWD/studies/seurat_objects/21.curated.seurat.rds" ]
	query --preset arthritis_all
	[ "$(ids)" = '21 42 43 45 ' ]
	query --preset ra_synovial,arthritis_all
	[ "$(ids)" = '21 42 43 45 ' ]
	query --preset arthritis_all --organism mouse
	[ "$(ids)" = '45 ' ]
	fails 1 'did you mean.*ra_synovial' ref-query --preset ra_sinovial
}

@test "local studies: quotes, line ends in fields, a byte-order mark, counts like 6000.0, sums" {
	studies
	query --id 43
	[ "$(value cells)" = 10001 ]
	value title | grep -q 'a "quoted" site, 3 subjects, 4 samples, 2 cell types'
	query --id 42
	[ "$(value cells)" = 6000 ] && [ "$(value tissue)" = 'synovial fluid, knee' ]
}

@test "cells by type are known of local studies alone, and without a folder of them that is said" {
	SCRNASEQ_DATA_DIR='' ref-query --celltype mast >out.tsv 2>said
	grep -q 'SCRNASEQ_DATA_DIR is not set (nor --data); cells by type are known of those alone' said
	SCRNASEQ_DATA_DIR='' ref-query --tissue colon >out.tsv 2>said
	run grep -q SCRNASEQ said
	[ "$status" -ne 0 ]
}

@test "local studies: by the cell types their samples have, with enough cells of these" {
	studies
	printf '21,a,T cell,500\n21,b,mast cell,12\n42,c,Mast cells,300\n' >>studies/sample_summary.csv
	query --celltype mast
	[ "$(ids)" = '21 42 ' ]
	query --celltype mast --min-type-cells 100
	[ "$(ids)" = '42 ' ]
	query --celltype 'fibro|mast' --min-type-cells 300 --condition rheumatoid
	[ "$(ids)" = '43 ' ]
	query --preset arthritis_all --celltype '^T cell'
	[ "$(ids)" = '21 43 ' ]
}

@test "--samples lists samples and types of the studies found" {
	studies
	printf '21,a,T cell,500\n' >>studies/sample_summary.csv
	query --samples --condition rheumatoid
	printf 'id\tsample\tcelltype\tcells\n43\ta\tT cell\t9000\n43\ta\tfibroblast\t900\n43\tb\tT cell\t101\n21\ta\tT cell\t500\n' >want
	same want list.tsv
	query --samples --id 43 --celltype fibro
	[ "$(tail -n +2 list.tsv)" = "43	a	fibroblast	900" ]
}

@test "tables that are wrong are refused with file and line" {
	studies
	sed -i 's/n_cells/cells/' studies/metadata_summary.csv
	fails 1 'metadata_summary.csv: .*n_cells' ref-query -s local
	studies
	echo '46,x,y' >>studies/metadata_summary.csv
	fails 1 'metadata_summary.csv: line 8: 3 fields, but the header has 8' ref-query -s local
	studies
	echo '46,x,y,z,h,1,1,"many' >>studies/metadata_summary.csv
	fails 1 'line 8: a quote that is never closed' ref-query -s local
	studies
	echo '46,x,y,z,h,1,1,many' >>studies/metadata_summary.csv
	fails 1 'line 8: n_cells: "many" is not a number' ref-query -s local
	studies
	echo '../46,x,y,z,h,1,1,5' >>studies/metadata_summary.csv
	fails 1 'is not the id of a study' ref-query -s local
}

@test "--look-inside finds the label column of local files, or lists the columns" {
	printf 'datasets:\n  pbmc: {source: local, path: "%s"}\n  mine: {source: local, path: "%s"}\n' \
		"$GOLDEN/rds/pbmc_small.rds" "$GOLDEN/kinds_sk15.h5ad" >mine.yaml
	ref-query --look-inside -r mine.yaml -s local -o list.tsv 2>errors.txt
	cat errors.txt list.tsv
	grep -q 'kinds_sk15.h5ad: no column is known to have cell types; there are: ' errors.txt
	grep -q 'pbmc_small.rds: no column is known to have cell types; there are: orig.ident, nCount_RNA' errors.txt
	studies
	cp "$GOLDEN/rds/meta_types.rds" studies/seurat_objects/21.curated.seurat.rds
	query --look-inside --id 21
	[ "$(value label_column)" = celltype_lvl_1_standardized ]
}

@test "your own registry comes first, and PIPETTE_REGISTRY is read" {
	printf 'datasets:\n  lung_covid: {source: url, url: "https://example.org/x.h5ad", cells: 5}\n' >a.yaml
	printf 'datasets:\n  mine: {source: local, path: b.h5ad, tissue: lung}\n' >b.yaml
	PIPETTE_REGISTRY=a.yaml:b.yaml query --id lung_covid,mine
	[ "$(cut -f 3 list.tsv | tail -n +2 | tr '\n' ' ')" = 'https://example.org/x.h5ad ./b.h5ad ' ]
	query --registry a.yaml --registry b.yaml --id mine
	[ "$(ids)" = 'mine ' ]
}

@test "a registry's mistakes are told with file, line and column" {
	local expect
	while IFS='|' read -r expect text; do
		printf "$text" >bad.yaml
		fails 1 "^ref-query: bad.yaml:$expect" ref-query -r bad.yaml || { echo "$text"; return 1; }
	done <<'TABLE'
2:7: .*tisue.*tissue|datasets:\n  a: {tisue: x}\n
2:15: source: "cellxgen" is not known .did you mean cellxgene|datasets:\n  a: {source: cellxgen}\n
2:6: a: a dataset of source synapse needs synapse:|datasets:\n  a: {source: synapse}\n
2:33: synapse: "x" is not like syn12345|datasets:\n  a: {source: synapse, synapse: x}\n
3:3: the key a is here twice|datasets:\n  a: {source: url, url: u}\n  a: {source: url, url: u}\n
2:1: a tab: indent with blanks|datasets:\n\ta: {}\n
2:6: aliases are not read|datasets: &x\n  a: *x\n
2:37: .*many|datasets:\n  a: {source: url, url: "u", cells: many}\n
1:1: .*dataset.*datasets|dataset: {}\n
2:36: sha256: not 64|datasets:\n  a: {source: url, url: u, sha256: abc}\n
TABLE
}

@test "a saved release descriptor: stable, latest, dates, retracted ones, mirrors" {
	cat >release.json <<'E'
{"stable": "2023-12-15", "latest": "2024-01-01",
 "2023-12-15": {"release_build": "2023-12-15", "flags": {"lts": true},
  "h5ads": {"uri": "s3://cellxgene-census-public-us-west-2/cell-census/2023-12-15/h5ads/",
            "relative_uri": "/cell-census/2023-12-15/h5ads/", "s3_region": "us-west-2"}},
 "2024-01-01": {"release_build": "2024-01-01",
  "h5ads": {"uri": "s3://cellxgene-data-public/cell-census/2024-01-01/h5ads/", "s3_region": "us-west-2"}},
 "2022-10-15": {"release_build": "2022-10-15", "flags": {"retracted": true},
  "retraction": {"reason": "mistakes happen", "replaced_by": "2023-12-15"},
  "h5ads": {"uri": "s3://b/c/"}}}
E
	query --census stable --descriptor release.json lung_covid
	[ "$(value release)" = 2023-12-15 ]
	value address | grep -q '^s3://cellxgene-census-public-us-west-2/cell-census/2023-12-15/h5ads/d8da613f'
	query --census latest --descriptor release.json lung_covid
	value address | grep -q '^s3://cellxgene-data-public/cell-census/2024-01-01/h5ads/d8da613f'
	query --census latest --descriptor release.json --mirror https://mirror.example lung_covid
	value address | grep -q '^https://mirror.example/cell-census/2024-01-01/h5ads/d8da613f'
	fails 1 'was retracted: mistakes happen .take 2023-12-15' ref-query --census 2022-10-15 --descriptor release.json
	fails 1 'did you mean.*2023-12-15' ref-query --census 2023-12-16 --descriptor release.json
	ref-query -q --census stable --descriptor release.json --manifest m.json -o list.tsv
	grep -q '2023-12-15' m.json
}

@test "a saved Discover answer: datasets, collections, and a registry entry without id" {
	cat >discover.json <<'E'
[{"dataset_id": "11111111-2222-3333-4444-555555555555", "dataset_version_id": "v1", "title": "Tabula Sapiens - Blood",
  "cell_count": 85233, "tissue": [{"label": "blood"}], "disease": [{"label": "normal"}],
  "organism": [{"label": "Homo sapiens"}],
  "assets": [{"filetype": "RDS", "filesize": 1, "url": "https://d.example/x.rds"},
             {"filetype": "H5AD", "filesize": 9876543210, "url": "https://d.example/x.h5ad"}]},
 {"dataset_id": "no-h5ad", "assets": []}, {"collection_id": "c", "datasets": [
  {"dataset_id": "66666666-2222-3333-4444-555555555555", "title": "Lung\nof two lines", "cell_count": 7,
   "assets": [{"filetype": "H5AD", "url": "https://d.example/y.h5ad"}]}]}]
E
	query --discover discover.json --tissue blood
	[ "$(ids)" = '11111111-2222-3333-4444-555555555555 ' ]
	[ "$(value size)" = 9876543210 ] && [ "$(value address)" = https://d.example/x.h5ad ]
	query --discover discover.json 'of two'
	[ "$(value title)" = 'Lung of two lines' ]
	query --discover discover.json --id tabula_sapiens_blood
	value address | grep -q '/h5ads/11111111-2222-3333-4444-555555555555.h5ad$'
	echo '{"a": 1}' >discover.json
	fails 1 'no dataset with an h5ad' ref-query --discover discover.json
}

@test "JSON that is hostile is refused: too deep, cut, not JSON, twice a key" {
	python -c 'print("[" * 100000)' >deep.json
	fails 1 'nested deeper' ref-query --discover deep.json
	echo '[{"dataset_id": "a"' >cut.json
	fails 1 'cut.json:[0-9]+:[0-9]+: not JSON' ref-query --discover cut.json
	echo '{"models": [], "models": []}' >twice.json
	fails 1 'not JSON that can be read: duplicate' ref-query --models-index twice.json
	fails 1 'nowhere.json: cannot be opened' ref-query --discover nowhere.json
}

@test "a saved index of models adds what the registry does not have yet" {
	echo '{"models": [{"filename": "New_Model.pkl", "url": "https://m.example/New_Model.pkl", "version": "v3",
		"details": "new cells"}, {"filename": "", "url": "x"}]}' >models.json
	query --models-index models.json --id New_Model
	[ "$(value address)" = https://m.example/New_Model.pkl ] && [ "$(value release)" = v3 ]
}

@test "a pattern that is none is told with its place" {
	fails 1 'no regular expression: at 6' ref-query --tissue 'co(lon'
	fails 2 'should be cellxgene' ref-query --source census
}
