#!/usr/bin/env bats
# cl-map: labels to Cell Ontology ids.

load helper

# ids LABEL...: the id of each label, one a line.
ids() { { echo label; printf '%s\n' "$@"; } | cl-map -q | cut -f 2 | tail -n +2; }

# maps LABEL ID
maps() {
	local got
	got=$(ids "$1")
	[ "$got" = "$2" ] || { echo "$1: $got, not $2"; return 1; }
}

@test "labels and synonyms map whatever their case, plural, accents and punctuation" {
	maps 'T cell' CL:0000084
	maps 't_CELLS' CL:0000084
	maps 'naïve B-cells' CL:0000788
	maps 'Haematopoietic stem cell' CL:0000037
	maps 'γδ T cells' CL:0000798
	maps 'Müller glia' CL:0000636
}

@test "marker signs are read in every spelling" {
	for label in 'CD4 T' 'CD4+ T cell' 'T cells, CD4+' 'CD4-positive, alpha-beta T cell' CD4_T; do
		maps "$label" CL:0000624
	done
	maps 'CD8 TEM' CL:0000913
	maps 'CD16+ monocyte' CL:0002396
}

@test "cluster numbers and unknown markers do not hide the type" {
	maps Macrophage_2 CL:0000235
	maps 'APOE+ fibroblast' CL:0000057
	maps hMac3 CL:0000235
	maps Monocytes_1 CL:0000576
	maps 'Epithelial|AT2' CL:0002063
	maps 'Stromal 3 (C7+)' CL:0000499
}

@test "what stands around a name does not take its number or its state away" {
	maps 'c12_Th2' CL:0000546
	maps '07_Th17' CL:0000899
	maps 'cluster 3: AT2' CL:0002063
	maps 'CXCL8+ AT2' CL:0002063
	maps 'Th1_CXCL8' CL:0000545
	maps 'human mature B cell' CL:0000785
	maps 'fetal type 2 ILC' CL:0001069
	maps 'dATL' CL:1001107
}

@test "names with their blanks left out are read" {
	maps CD8Tem CL:0000913
	maps CD4Naive CL:0000895
	maps CD14Monocytes CL:0001054
	maps AT2Cells CL:0002063
	maps Type2ILC CL:0001069
	maps L5IT CL:4030064
	maps NKTCells CL:0000814
}

@test "camel case and layers of the cortex are read however they are joined" {
	maps TipEndothelial CL:0000704
	maps VIPInhibitoryNeuron CL:4023016
	maps ProximalTubuleSegment3 CL:4030011
	for label in 'L2/3 IT' L2.3.IT 'L2-3 IT' L2_3_IT; do maps "$label" CL:4030059; done
	maps 'plasmacytoid_dendritic_cell,_human' CL:0001058
}

@test "words that many names have are no answer by themselves" {
	maps 'MHC class II' ''
	maps co-expression ''
	maps 'Branch A4 (IN)' ''
	maps 'Intermediated cell' ''
	maps 'CLDN10+ cells' ''
	maps 'Yolk sac macrophage' CL:0000235
}

@test "details in brackets name kinds of the type, a place, or what an abbreviation means" {
	maps 'Endothelial cell (APC)' CL:0000115
	maps 'MC (Muller)' CL:0000636
	maps 'Neutrophil_Ngp high(Bone-Marrow)' CL:0000775
	maps 'Erythroblast_Hbb-a1 high(Bone-Marrow)' CL:0000765
	maps 'Alveolar macrophage_Ear2 high(Lung)' CL:0000583
}

@test "a compartment before the type, two types with a word between, interneurons by marker" {
	maps Lymphoid_T CL:0000084
	maps 'Epithelial - Club' CL:0000158
	maps 'T and NK cells' CL:0000542
	maps 'B and plasma' CL:0000945
	maps 'SST+ interneurons' CL:4023017
	maps 'Parvalbumin interneuron' CL:4023018
	maps 'fetal HSC/MPP' CL:0000837
}

@test "of a name and a kind of it that the label has whole, it is the kind, of two kinds neither" {
	maps RedBloodCell CL:0000232
	maps 'PV interenuron' CL:4023018
	maps 'PT S1 S2_x9' CL:0002306
}

@test "a label keeps the cell that its tissue's word is part of" {
	maps 'Ventricle cardiomyocyte' CL:0000746
	maps 'VSMC/P' CL:0000359
	maps 'cerebellar inhibitory' CL:4023057
	maps 'amygdala excitatory' CL:4023039
}

@test "monocytes are told by how much CD14 and CD16 they have" {
	maps 'CD14++CD16- monocyte' CL:0002057
	maps 'CD14++CD16+ monocyte' CL:0002397
	maps 'CD14+CD16++ monocyte' CL:0002396
}

@test "misspelt words are read, abbreviations of the lexicon among them" {
	maps 'prolifreating NK' CL:4033071
	maps 'macrohpage' CL:0000235
	maps 'endotehlium' CL:0000115
}

@test "codes of bulk references are read by segment, with brackets or without" {
	maps 'Stem cells (SC.MEP)' CL:0000050
	maps 'T cells (T.CD4.24H)' CL:0000624
	maps 'T.4.Sp' CL:0000624
	maps 'DC (DC.103+11B-)' CL:0002461
	maps 'B cells (B.FrE)' CL:0002054
	maps 'MF.RP.Sp' CL:0000874
	maps 'Colony Forming Unit-Granulocytes' CL:0002191
	maps 'Sympathoblasts' CL:0000031
	maps 'Microglia/PVM' CL:0000878
	maps 'Stem cells (MLP)' CL:0008001
	maps 'LPS-treated BMDM' CL:0000235
	maps 'CD34+ CD71+ erythroid' CL:0000038
}

@test "markers, cytokines, origin and what it is not do not hide the type" {
	maps 'Pro-B_cell_CD34+' CL:0000826
	maps 'HSC_-G-CSF' CL:0000037
	maps 'Stromal cell (non-FRC/non-FDC)' CL:0000499
	maps 'Resident NK cell' CL:0000623
}

@test "an abbreviation means what it means in the tissue" {
	printf 'label\ttissue\nPC\tkidney cortex\nPC\ttonsil\n' >in.tsv
	cl-map -q --tissue tissue in.tsv | cut -f 2 >out
	printf 'id\nCL:0005009\nCL:0000786\n' >want
	same want out
}

@test "what names no cell type has no id, and says why" {
	printf 'label\nUnknown\ndoublets\nLow quality\nCluster 12\n""\nqqqzzz\n' |
		cl-map -q | cut -f 2,6 >out
	printf '%s\n' 'id	how' '	unknown (pattern, line 2)' '	doublet (pattern, line 4)' \
		'	low quality (pattern, line 5)' '	a cluster number (pattern, line 6)' \
		'	empty label' '	no name comes near' >want
	same want out
}

@test "a letter names a cluster, but B and T are cells; a score is from 0 to 1" {
	maps A ''
	maps 'cluster D' ''
	maps B CL:0000236
	maps T CL:0000084
	maps 'A cell' CL:0000171
	maps β CL:0000169
	fails 2 'min-score 2: a probability from 0 to 1' cl-map --min-score 2 </dev/null
}

@test "a combination gets what its parts share" {
	maps 'Proliferating NK/T' CL:0000542
}

@test "an override wins and is cited" {
	printf 'label\tid\nT cell\tCL:0000236\nJunk\t-\n' >mine.tsv
	printf 'label\nT cell\nJunk\n' | cl-map -q --overrides mine.tsv | cut -f 2,5,6 >out
	printf '%s\n' 'id	tier	how' 'CL:0000236	override	override, mine.tsv line 2' \
		'	override	override, mine.tsv line 3' >want
	same want out
}

@test "unknown ids in overrides and patterns are all listed" {
	printf 'label\tid\na\tCL:9999999\nb\tCL:0000084\nc\tNOPE\n' >mine.tsv
	fails 1 'CL:9999999 \(line 2\), NOPE \(line 4\)' cl-map --overrides mine.tsv </dev/null
	printf 'pattern\tid\tname\twhen\nx\tCL:8888888\tx\tfirst\n' >p.tsv
	fails 1 'CL:8888888 \(line 2\)' cl-map --patterns p.tsv </dev/null
}

@test "a label with two ids in the overrides is refused; the same row twice is one" {
	printf 'label\tid\na\tCL:0000236\nb\t-\na\tCL:0000084\n' >mine.tsv
	fails 1 'mine.tsv: line 4: "a" has another id in line 2' cl-map --overrides mine.tsv </dev/null
	printf 'label\tid\na\tCL:0000236\na\tCL:0000236\n' >mine.tsv
	printf 'label\na\n' | cl-map -q --overrides mine.tsv | cut -f 2 | grep -qx CL:0000236
}

@test "a pattern that is empty, or without first or last, is refused by its line" {
	printf 'pattern\tid\tname\twhen\n\t-\tx\tfirst\n' >p.tsv
	fails 1 'p.tsv: line 2: an empty pattern' cl-map --patterns p.tsv </dev/null
	printf 'pattern\tid\tname\twhen\na\t-\tx\tfirst\nb\t-\tx\tsoon\n' >p.tsv
	fails 1 "p.tsv: line 3: 'when' is \"soon\"" cl-map --patterns p.tsv </dev/null
}

@test "a broken pattern is refused with line, offset and PCRE2's words" {
	printf 'pattern\tid\tname\twhen\nt(cell\t-\tx\tfirst\n' >p.tsv
	fails 1 'p.tsv: line 2: pattern "t\(cell": at character 7: missing closing parenthesis' \
		cl-map --patterns p.tsv </dev/null
}

@test "a catastrophic pattern does not match, and does not hang" {
	printf 'pattern\tid\tname\twhen\n^(a+)+$\t-\tx\tfirst\n' >p.tsv
	{ echo label; printf 'a%.0s' {1..60}; echo b; } >in.tsv
	timeout 5 cl-map -q --patterns p.tsv in.tsv >out
	[ "$(wc -l <out)" -eq 2 ]
}

@test "a label of 10 kB is answered" {
	{ echo label; printf 'T cell %.0s' {1..1500}; echo; } >in.tsv
	cl-map -q in.tsv >out
	[ "$(wc -l <out)" -eq 2 ]
	for part in Tc Cd4 t4 MonoMac '((' '/B' ':'; do
		{ echo label; printf "$part%.0s" {1..5000}; echo; } >in.tsv
		timeout 5 cl-map -q in.tsv >out
		[ "$(wc -l <out)" -eq 2 ]
	done
}

@test "an empty label has no id and says so" {
	printf 'label\tn\n\t1\n   \t2\n' | cl-map -q | cut -f 2,5,6 >out
	printf '%s\n' 'id	tier	how' '	none	empty label' '	none	empty label' >want
	same want out
}

@test "one thread and four write the same bytes" {
	{ echo label; seq 1 500 | sed 's/.*/T cell &/'; } >in.tsv
	cl-map -q -t 1 in.tsv >one
	cl-map -q -t 4 in.tsv >four
	same one four
}

@test "obsolete terms are replaced, never answered" {
	{ echo label; echo 'native cell'; } | cl-map -q --top 5 | cut -f 2 >out
	[ "$(grep -c CL:0000003 out)" -eq 0 ]
	maps 'native cell' CL:0000000
}

@test "labels come from an obs column, with a tissue or without" {
	cl-map -q --h5ad "$GOLDEN/pbmc_query.h5ad" -c bulk_labels | cut -f 1,2 | sort >out
	[ "$(wc -l <out)" -eq 11 ]
	grep -qx 'CD19+ B	CL:0000236' out
	grep -qx 'CD14+ Monocyte	CL:0001054' out
	fails 1 "pbmc_query.h5ad: .*nope" cl-map --h5ad "$GOLDEN/pbmc_query.h5ad" -c nope
	fails 2 'needs --column' cl-map --h5ad "$GOLDEN/pbmc_query.h5ad"
}

@test "tissues get UBERON ids, tumours those of the NCI Thesaurus" {
	printf 'label\nlung\nsigmoid colon\n' | cl-map -q --type tissue | cut -f 2 >out
	printf '%s\n' id UBERON:0002048 UBERON:0001159 >want
	same want out
	printf 'label\nLUAD\n' | cl-map -q --type disease | cut -f 2 | grep -qx NCIT:C3512
}

@test "bytes that are not UTF-8 are replaced and counted" {
	printf 'label\nT\xff cell\nB cell\n' >in.tsv
	run_split cl-map in.tsv
	[ "$status" -eq 0 ]
	grep -q '1 labels are not UTF-8' <<<"$errors"
	grep -q $'^T\xef\xbf\xbd cell\t' <<<"$output"
}

@test "--min-score keeps the reason and drops the id; --top ranks, --explain shows the words" {
	printf 'label\nCD8 TEM\n' >in.tsv
	cl-map -q --min-score 0.999 in.tsv | tail -n 1 | cut -f 2,5 >out
	printf '\texact\n' >want
	same want out
	cl-map -q --top 3 --explain in.tsv >out
	[ "$(wc -l <out)" -eq 4 ]
	[ "$(cut -f 10 out | tr '\n' ' ')" = 'rank 1 2 3 ' ]
	[ "$(sed -n 2p out | cut -f 11)" = 'cd8+ effector memory t' ]
}

@test "labels that differ only in case get the same answer, a row each" {
	printf 'label\nt CELL\nT cell\nT cell\n' | cl-map -q | cut -f 1,2 >out
	printf '%s\n' 'label	id' 't CELL	CL:0000084' 'T cell	CL:0000084' >want
	same want out
}

@test "the labels of CellTypist's Immune_All_Low map as they were read, one by one" {
	cl-map -q "$GOLDEN/immune_all_low.map.tsv" | cut -f 1-3 >out
	same "$GOLDEN/immune_all_low.map.tsv" out
}

@test "cells of another organ rank lower when the tissue is known" {
	printf 'label\ttissue\ninterstitial fibroblast\tlung\ninterstitial fibroblast\trenal cortex\n' |
		cl-map -q --tissue tissue | cut -f 2 >out
	printf '%s\n' id CL:0002241 CL:1000692 >want
	same want out
}

@test "labels as atlases write them get the id that a person gave them, nine in ten" {
	cl-map -q "$DATA/onto/atlas-labels.tsv" | cut -f 2 >got
	cut -f 2 "$DATA/onto/atlas-labels.tsv" | paste - got |
		awk -F '\t' 'NR > 1 { n++; right += $1 == $2 } END { exit !(n > 1000 && right >= 0.9 * n) }'
}

@test "a cluster's code before a name and a gene after it change no answer" {
	awk -F '\t' 'NR > 1 && $10 == "0" && $9 ~ /cellxgene/ { print $2 }' "$TESTS/../ontology/cl.tsv" |
		grep -vE 'human|Homo|Mmus|sensu|^cell$' >names # twins of a species, and no type at all
	{ echo label; cat names; } | cl-map -q | cut -f 2 >bare
	for around in 'c12_&' '&_CXCL8' 'CXCL8+ &' '7: &'; do
		{ echo label; sed "s/.*/$around/" names; } | cl-map -q | cut -f 2 >dressed
		paste bare dressed | awk '$1 != $2 { n++ } END { exit n > 0.005 * NR }'
	done
}

@test "labels of several files, each from its own column, and of tables beside them" {
	printf 'cell\tlabel\na\tpodocyte\n' >calls.tsv
	: >skipped.tsv
	cl-map -q --h5ad "$GOLDEN/pbmc_query.h5ad" -c bulk_labels --h5ad "$GOLDEN/pbmc_query.h5ad" -c louvain calls.tsv skipped.tsv | cut -f 1 >labels
	grep -qx 'CD14+ Monocyte' labels
	grep -qx 'podocyte' labels
	[ "$(grep -cx 'NK cells\|Megakaryocytes\|[0-9]*' labels)" -ge 1 ]
	[ "$(sort labels | uniq -d | wc -l)" -eq 0 ]
	fails 2 '3 --column, but 1 --h5ad' cl-map --h5ad "$GOLDEN/pbmc_query.h5ad" -c a -c b -c c
}

@test "--append: ids that cells bring stay, and only what is empty is looked up" {
	printf 'cell\tlabel\tcl_id\tcl_id_original\treason\tx\n' >calls.tsv
	printf 'a\tT cell\t\t\t\t1\nb\tT cell\tCL:0000236\t\t\t2\nc\tB cell\tCL:0000236\t\t\t3\nd\tUnknown\t\tCL:0000236\tLOW\t4\ne\tstrange\t\t\t\t5\nf\tlymphocyte\tCL:0000542\tCL:0000236\tCLIMB;LOW\t6\n' >>calls.tsv
	cl-map -q --append typed.tsv calls.tsv -o map.tsv
	[ "$(cut -f 1-6 typed.tsv)" = "$(printf 'cell\tlabel\treason\tx\tcl_id\tcl_name\na\tT cell\t\t1\tCL:0000084\tT cell\nb\tT cell\t\t2\tCL:0000236\tB cell\nc\tB cell\t\t3\tCL:0000236\tB cell\nd\tUnknown\tLOW\t4\t\t\ne\tstrange\t\t5\t\t\nf\tlymphocyte\tCLIMB;LOW\t6\tCL:0000542\tlymphocyte')" ]
	[ "$(cut -f 7 typed.tsv | sed -n '2p;4p' | sort -u)" = "$(awk -F '\t' '$1 == "T cell" { print $4 }' map.tsv)" ]
	[ -z "$(cut -f 7 typed.tsv | sed -n '3p;5p' | tr -d '\n')" ]
	printf 'cell\tlabel\tcl_id\na\tT cell\tCL:9\n' >bad.tsv
	fails 1 'bad.tsv: cell a: the ontology has no term CL:9' cl-map --append out.tsv bad.tsv -o /dev/null
	[ ! -e out.tsv ]
	fails 2 'one table of calls' cl-map --append out.tsv <calls.tsv
}

# answer LABEL OPTION...: id and score of one label.
answer() { local label=$1; shift; printf 'label\n%s\n' "$label" | cl-map -q "$@" | sed 1d | cut -f 2,4; }

@test "a code such as S3 asks the tissue" {
	[ "$(answer S3 --tissue colon | cut -f 1)" = CL:0000057 ]
	[ "$(answer S3 --tissue kidney | cut -f 1)" = CL:4030011 ]
	[ "$(answer S1 --tissue lung | cut -f 1)" = CL:0000057 ]
	[ "$(answer 'S1 cells' --tissue colon | cut -f 1)" = CL:4047023 ]
}

@test "a tissue that no rule asks for is said, and those that rules ask for" {
	printf 'label\nPC\n' >in.tsv
	cl-map --tissue syn0vium in.tsv -o out.tsv 2>said
	grep -q -- '--tissue syn0vium: no rule asks for it: .*kidney.*' said
	cl-map --tissue 'kidney cortex' in.tsv -o out.tsv 2>said
	run grep 'no rule' said
	[ "$status" -eq 1 ]
}

@test "a code asks the other labels of the file, and without them says that it is ambiguous" {
	printf 'label\nS3\nPodocyte\nLoop of Henle\nT cell\n' | cl-map -q | sed -n 2p >kidney
	printf 'label\nS3\nEnterocyte\nPaneth\nT cell\n' | cl-map -q | sed -n 2p >gut
	grep -qP '^S3\tCL:4030011\t.*by the other labels' kidney
	grep -qP '^S3\tCL:0000057\t.*by the other labels' gut
	printf 'label\nS3\nT cell\n' | cl-map -q | sed -n 2p >alone
	grep -qP '^S3\tCL:0000057\t.*ambiguous' alone
	awk -F '\t' '{ exit !($4 < 0.5 && $7 == "CL:4030011") }' alone
	[ "$(answer G2 | cut -f 2)" = 0.5 ]
	[ "$(answer G2 --tissue retina | cut -f 2)" != 0.5 ]
}

@test "a related synonym does not beat a pattern when the label adds a state" {
	maps 'Immature enterocytes' CL:0000584
	maps 'Immature Enterocytes 1' CL:0000584
	maps 'Naive CD8 T cell' CL:0000900
}

@test "--type disease and tissue fall back to the Cell Ontology, all asks every one" {
	[ "$(answer fibroblast --type disease)" = "CL:0000057	1" ]
	[ "$(answer 'T cell' --type tissue)" = "CL:0000084	1" ]
	[ "$(answer melanoma --type disease)" = "NCIT:C3224	1" ]
	[ "$(answer 'lung adenocarcinoma' --type all)" = "NCIT:C3512	1" ]
	[ "$(answer colon --type all)" = "UBERON:0001155	1" ]
	[ "$(answer macrophages --type all)" = "CL:0000235	1" ]
	[ "$(answer unknown --type disease)" = "	0" ]
}

@test "where scores are not fitted an answer under 0.7 has no id, unless asked for" {
	[ "$(answer Colon --type disease | cut -f 1)" = '' ]
	[ "$(answer Colon --type disease --min-score 0.5 | cut -f 1)" = NCIT:C4349 ]
}

@test "overrides of several ontologies may name terms of each" {
	printf 'label\tid\nspot\tUBERON:0001155\ncell7\tCL:0000084\n' >over.tsv
	[ "$(answer spot --type tissue --overrides over.tsv)" = "UBERON:0001155	1" ]
	[ "$(answer cell7 --type tissue --overrides over.tsv)" = "CL:0000084	1" ]
	printf 'label\tid\nspot\tXX:1\n' >bad.tsv
	fails 1 XX:1 cl-map -q --type tissue --overrides bad.tsv </dev/null
}

@test "ids that came with the cells are kept, unless they differ or are none; an override wins" {
	python - "$GOLDEN/sample_counts.h5ad" <<-'END'
		import shutil, sys
		import h5py
		shutil.copy(sys.argv[1], "in.h5ad")
		with h5py.File("in.h5ad", "a") as f:
		    n = f["obs"][f["obs"].attrs["_index"]].shape[0]
		    labels = ["T cell", "mine", "split", "odd", "over"]
		    ids = ["CL:0000084", "CL:0000236", None, "NOPE:1", "CL:0000084"]
		    for name, values in ("l", labels), ("i", ids):
		        column = [values[k % 5] or ("CL:0000084", "CL:0000236")[k % 2] for k in range(n)]
		        if name == "i":
		            column[0] = ""
		        d = f["obs"].create_dataset(name, data=column, dtype=h5py.string_dtype())
		        d.attrs.update({"encoding-type": "string-array", "encoding-version": "0.2.0"})
		    f["obs"].attrs["column-order"] = list(f["obs"].attrs["column-order"]) + ["l", "i"]
	END
	printf 'label\tid\nover\tCL:0000576\n' >over.tsv
	cl-map --h5ad in.h5ad -c l --id-column i --overrides over.tsv -o map.tsv </dev/null 2>said || cat said
	grep -q '1 labels have cells of several ids: their words decide' said
	[ "$(grep -P '^T cell\t' map.tsv | cut -f 2,4,6)" = 'CL:0000084	1	given with the cells' ]
	[ "$(grep -P '^mine\t' map.tsv | cut -f 2,6)" = 'CL:0000236	given with the cells' ]
	run grep -cP '^(split|odd)\t.*given' map.tsv
	[ "$output" = 0 ]
	[ "$(grep -P '^over\t' map.tsv | cut -f 2)" = CL:0000576 ]
	fails 2 '2 --id-column, but 1 --h5ad' cl-map --h5ad in.h5ad -c l --id-column i --id-column i
}
