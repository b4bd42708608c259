load helper
# shellcheck disable=SC2034
NEEDS="ref-build ref-map knn-transfer"

setup_file() {
	local bin=${PIPETTE_BUILD:-$BATS_TEST_DIRNAME/../build}/bin golden=$BATS_TEST_DIRNAME/golden
	[ -x "$bin/knn-transfer" ] || return 0
	"$bin/ref-build" -q --pcs 30 -l bulk_labels -l louvain --coordinates "$BATS_FILE_TMPDIR/atlas.h5ad" \
		"$golden/pbmc_train.h5ad" -o "$BATS_FILE_TMPDIR/a.ref.h5"
	"$bin/ref-map" -q -m "$BATS_FILE_TMPDIR/a.ref.h5" "$golden/pbmc_query.h5ad" -o "$BATS_FILE_TMPDIR/m.h5ad"
}

# agree CALLS: the share of cells whose call is their label.
agree() {
	h5-obs get -q -c bulk_labels "$GOLDEN/pbmc_query.h5ad" |
		awk -F '\t' 'NR == FNR { truth[$1] = $2; next } FNR > 1 { n++; ok += truth[$1] == $2 } END { print ok / n }' - "$1"
}

@test "where batches were taken out of the reference anchors have percentiles too" {
	ref-build -q -l bulk_labels -b louvain "$GOLDEN/pbmc_train.h5ad" -o b.ref.h5
	ref-map -q -m b.ref.h5 "$GOLDEN/pbmc_query.h5ad" -o b.h5ad
	knn-transfer -q --by anchors -m b.ref.h5 b.h5ad -o b.tsv
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		{ n++; bad += !($at["knn_pct"] >= 0 && $at["knn_pct"] < 100) || !($at["probability"] >= 0.005 && $at["probability"] <= 0.995) } END { exit bad || !n }' b.tsv
}

@test "neighbours' votes name the cells, with distances and what they mean" {
	knn-transfer -q --by cells -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o calls.tsv
	[ "$(head -n 1 calls.tsv)" = $'cell\tlabel\tconfidence\tmargin\tsecond\tentropy\tmodel\tknn_distance\tknn_pct\tmap_pct\tprobability\ttransfer_reason' ]
	[ "$(wc -l <calls.tsv)" -eq 358 ]
	agree calls.tsv | awk '{ print; exit !($1 > 0.77) }'
	awk -F '\t' 'NR > 1 && !($3 > 0 && $3 <= 1 && $8 > 0 && $9 >= 0 && $9 < 100 && $11 > 0 && $11 < 1 && $7 == "a") { exit 1 }' calls.tsv
}

@test "an h5ad with the same coordinates serves as a reference" {
	ref-map -q --no-correct -m "$BATS_FILE_TMPDIR/a.ref.h5" "$GOLDEN/pbmc_query.h5ad" -o m.h5ad
	knn-transfer -q --coordinates X_pca_reference -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels m.h5ad |
		cut -f 1-6,8 >by_reference
	python - "$BATS_FILE_TMPDIR/atlas.h5ad" <<-'P'
	import h5py, sys, shutil
	shutil.copy(sys.argv[1], "atlas.h5ad")
	with h5py.File("atlas.h5ad", "r+") as f: f.copy("obsm/X_pca", "obsm/X_pca_reference")
	P
	knn-transfer -q --coordinates X_pca_reference -m atlas.h5ad -l bulk_labels m.h5ad | cut -f 1-6,8 >by_h5ad
	close by_reference by_h5ad 1e-5
}

@test "shares of all labels add up to 1 and have the call on top" {
	knn-transfer -q --scores shares.tsv -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o calls.tsv
	awk -F '\t' 'NR == FNR { call[$1] = $2; next } FNR == 1 { for (i = 2; i <= NF; i++) name[i] = $i; next }
		{ sum = 0; best = 2; for (i = 2; i <= NF; i++) { sum += $i; if ($i > $best) best = i }
		  if (sum < 0.999999 || sum > 1.000001 || call[$1] != name[best]) exit bad = 1 } END { exit bad }' calls.tsv shares.tsv
}

@test "every kernel, both metrics and profiles answer, and one cell's neighbours are its own" {
	for weights in uniform inverse adaptive hlca sharp; do
		for metric in cosine euclidean; do
			knn-transfer -q --weights $weights --metric $metric -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o $weights.$metric.tsv
			agree $weights.$metric.tsv | awk '{ print; exit !($1 > 0.65) }'
		done
	done
	knn-transfer -q --by profiles -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o profiles.tsv
	agree profiles.tsv | awk '{ print; exit !($1 > 0.65) }'
	ref-map -q --no-correct -m "$BATS_FILE_TMPDIR/a.ref.h5" "$GOLDEN/pbmc_train.h5ad" |
		knn-transfer -q -k 1 --metric euclidean -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels -o self.tsv
	h5-obs get -q -c bulk_labels "$GOLDEN/pbmc_train.h5ad" | tail -n +2 >truth
	tail -n +2 self.tsv | cut -f 1,2 >called
	same called truth
}

@test "searched by groups the calls hardly change, and any number of threads gives the same bytes" {
	knn-transfer -q --by cells -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o exact.tsv
	run_split knn-transfer --exact-cells 100 -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o groups.tsv
	grep -qE 'recall (0\.99|1\.0)' <<<"$errors"
	[ "$(diff <(cut -f 1,2 exact.tsv) <(cut -f 1,2 groups.tsv) | grep -c '^>')" -le 5 ]
	knn-transfer -q --by cells -t 7 -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o seven.tsv
	knn-transfer -q --by cells -t 1 -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o one.tsv
	same one.tsv seven.tsv
}

@test "by anchors, the labels of pairs that choose each other, and how well a cell finds back" {
	run_split knn-transfer --by anchors -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o calls.tsv
	grep -qE '[0-9]+ anchors; [0-9.]+% of the query' <<<"$errors"
	head -n 1 calls.tsv | grep -q 'mapping_score'
	agree calls.tsv | awk '{ print; exit !($1 > 0.77) }'
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } { x = $at["mapping_score"]; if (!(x > 0 && x <= 1)) exit 1 }' calls.tsv
	ref-build -q --pcs 30 --neighbors -l bulk_labels "$GOLDEN/pbmc_train.h5ad" -o with.ref.h5
	knn-transfer -q --name a --by anchors -m with.ref.h5 -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o with.tsv
	close calls.tsv with.tsv 1e-6
	for t in 1 7; do
		knn-transfer -q -t $t --by anchors -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o $t.tsv
	done
	same 1.tsv 7.tsv
	h5-select -q --shard 1/20 "$GOLDEN/pbmc_query.h5ad" -o few.h5ad
	ref-map -q -m "$BATS_FILE_TMPDIR/a.ref.h5" few.h5ad -o few_mapped.h5ad
	run_split knn-transfer --by anchors -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels few_mapped.h5ad
	grep -qE '1[78] cells are too few for anchors, which take 31: called by cells' <<<"$errors"
	knn-transfer -q --by cells -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels few_mapped.h5ad -o cells.tsv
	[ "$output" = "$(<cells.tsv)" ]
}

@test "down a tree, cells are called as far as the votes carry" {
	h5-obs get -q -c bulk_labels "$GOLDEN/pbmc_train.h5ad" | tail -n +2 | cut -f 2 | sort -u >labels
	{ printf '('; grep -vE 'CD4|CD8' labels | sed "s/.*/'&',/" | tr -d '\n'; printf '('; grep -E 'CD4|CD8' labels | sed "s/.*/'&'/" | paste -sd, | tr -d '\n'; printf ')T)root;'; } >t.nwk
	knn-transfer -q --tree t.nwk -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o calls.tsv
	[ "$(wc -l <calls.tsv)" -eq 358 ]
	awk -F '\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
		$at["transfer_reason"] == "partial" { partial++; if ($2 != "T") exit bad = 1 }
		$2 ~ /CD4\+|CD8/ { fine++; if ($at["path"] !~ /^T\//) exit bad = 1 }
		$2 == "Unknown" && $at["transfer_reason"] !~ /far|rejected|unlike/ { exit bad = 1 }
		END { exit bad || !fine || !partial }' calls.tsv
	# Every tenth of the reference's own cells may be unlike it, or none.
	knn-transfer -q --unlike 10 --tree t.nwk -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o strict.tsv
	[ "$(grep -c 'unlike$' strict.tsv)" -gt "$(grep -c 'unlike$' calls.tsv)" ]
	knn-transfer -q --unlike 0 --tree t.nwk -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad" -o none.tsv
	run grep -E 'unlike|reconstruction' none.tsv
	[ "$status" -eq 1 ]
	# The tree that the reference keeps gives the same calls.
	ref-build -q --pcs 30 -l bulk_labels --tree t.nwk "$GOLDEN/pbmc_train.h5ad" -o a.ref.h5
	knn-transfer -q --tree ref -m a.ref.h5 "$BATS_FILE_TMPDIR/m.h5ad" -o kept.tsv
	same kept.tsv calls.tsv
	fails 3 'has no tree of bulk_labels .ref-build --tree' knn-transfer --tree ref -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad"
	echo '(A,B)root;' >other.nwk
	fails 1 "is not in the tree" ref-build -l bulk_labels --tree other.nwk "$GOLDEN/pbmc_train.h5ad" -o other.ref.h5
	[ ! -e other.ref.h5 ]
	fails 2 'unlike 100: 0 to below 100' knn-transfer --unlike 100 --tree t.nwk -m "$BATS_FILE_TMPDIR/a.ref.h5" "$BATS_FILE_TMPDIR/m.h5ad"
	fails 1 "is not in the tree" knn-transfer --tree other.nwk -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad"
	fails 2 'goes with one label' knn-transfer --by anchors --tree t.nwk -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad"
}

@test "who votes is chosen: anchors, cells when neighbours are asked for, profiles without cells" {
	local m=$BATS_FILE_TMPDIR/m.h5ad
	knn-transfer -q -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$m" -o auto.tsv
	knn-transfer -q --by anchors -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$m" | same /dev/stdin auto.tsv
	knn-transfer -q -k 15 -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$m" -o auto.tsv
	knn-transfer -q --by cells -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$m" | same /dev/stdin auto.tsv
	ref-model slim "$BATS_FILE_TMPDIR/a.ref.h5" -o slim.ref.h5
	knn-transfer -q -m slim.ref.h5 -l bulk_labels "$m" -o auto.tsv
	knn-transfer -q --by profiles -m slim.ref.h5 -l bulk_labels "$m" | same /dev/stdin auto.tsv
	# Anchors tell the same distances as the cells do, in a reference without batches.
	knn-transfer -q --by anchors -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$m" | cut -f 1,8 >anchors.tsv
	knn-transfer -q --by cells -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$m" | cut -f 1,8 >cells.tsv
	close anchors.tsv cells.tsv 1e-6
}

@test "several labels go to a folder" {
	knn-transfer -q -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels -l louvain "$BATS_FILE_TMPDIR/m.h5ad" -o calls
	[ "$(wc -l <calls/bulk_labels.tsv)" -eq 358 ]
	[ "$(wc -l <calls/louvain.tsv)" -eq 358 ]
	fails 2 'need a folder' knn-transfer -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels -l louvain "$BATS_FILE_TMPDIR/m.h5ad"
}

@test "what does not fit is told" {
	fails 1 'has not been mapped' knn-transfer -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$GOLDEN/pbmc_query.h5ad"
	fails 1 'no column of labels tissue .there are: bulk_labels, louvain' knn-transfer -m "$BATS_FILE_TMPDIR/a.ref.h5" -l tissue "$BATS_FILE_TMPDIR/m.h5ad"
	fails 3 'not of one space' knn-transfer --coordinates X_umap -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad"
	fails 3 '343 cells are fewer than --neighbors 400' knn-transfer -k 400 -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels "$BATS_FILE_TMPDIR/m.h5ad"
	fails 1 'the reference has labels bulk_labels, louvain: which of them' knn-transfer -m "$BATS_FILE_TMPDIR/a.ref.h5" "$BATS_FILE_TMPDIR/m.h5ad"
	fails 1 'which of its columns are labels' knn-transfer --coordinates X_pca -m "$BATS_FILE_TMPDIR/atlas.h5ad" "$BATS_FILE_TMPDIR/m.h5ad"
}

@test "a query that was not mapped for want of genes gets an empty table, when that is asked" {
	ref-map -q --skip-below --min-coverage 1 -m "$BATS_FILE_TMPDIR/a.ref.h5" "$GOLDEN/pbmc_query.h5ad" -o whole.h5ad
	knn-transfer -q -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels --skip-unmapped whole.h5ad -o calls.tsv
	[ "$(wc -l <calls.tsv)" -eq 358 ]
	probe var "$GOLDEN/pbmc_query.h5ad" | cut -f 1 | sed -n 2,21p >twenty
	h5-select -q --genes twenty "$GOLDEN/pbmc_query.h5ad" -o few.h5ad
	fails 3 'below --min-coverage' ref-map -m "$BATS_FILE_TMPDIR/a.ref.h5" few.h5ad -o m.h5ad
	run_split ref-map --skip-below -m "$BATS_FILE_TMPDIR/a.ref.h5" few.h5ad -o m.h5ad
	grep -q 'below --min-coverage 0.25: it is not mapped' <<<"$errors"
	fails 1 'has not been mapped' knn-transfer -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels m.h5ad
	run_split knn-transfer -m "$BATS_FILE_TMPDIR/a.ref.h5" -l bulk_labels --skip-unmapped m.h5ad -o empty.tsv
	grep -q 'has not been mapped: empty.tsv is empty' <<<"$errors"
	[ -e empty.tsv ] && [ ! -s empty.tsv ]
}
