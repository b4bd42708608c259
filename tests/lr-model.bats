# lr-model: models looked into and made from models, as CellTypist does it.

load helper

@test "info says what CellTypist prints, and the settings" {
	lr-model info "$GOLDEN/lr.sk15.pkl" >info.txt
	head -n 7 info.txt >head.txt
	cat >want.txt <<-'END'
	CellTypist model with 10 cell types and 764 features
	    date: 2026-11-21 03:17:22.650638
	    details: PBMC 68k, half of the cells
	    source: 10x PBMC 68k
	    version: v1
	    cell types: CD14+ Monocyte, CD19+ B, ..., Dendritic
	    features: HES4, TNFRSF4, ..., MT-ND3
	END
	same head.txt want.txt
	grep -q 'url: https://example.org/lr.pkl' info.txt
	grep -q 'loss: ovr-log' info.txt
	lr-model info "$GOLDEN/nomean.sk15.pkl" | grep -q 'centred: no'
	lr-model info "$GOLDEN/lr.subset3.pkl" | grep -q 'cell types: CD14+ Monocyte, CD19+ B, Dendritic$'
}

@test "markers are those of extract_top_markers" {
	local stem
	for stem in lr.sk12 lr.sk15 sgd.sk19; do
		lr-model markers -n 15 "$GOLDEN/$stem.pkl" | tail -n +2 | cut -f 1,3 >have.tsv
		python -c 'import json, sys
for label, genes in json.load(open(sys.argv[1])).items():
    for gene in genes:
        print(label, gene, sep="\t")' "$GOLDEN/$stem.top_markers.json" >want.tsv
		same have.tsv want.tsv
	done
}

@test "markers of the classes asked for, by size, and of a binary model's first class" {
	lr-model markers -c 'CD19+ B' -c Dendritic -n 2 "$GOLDEN/lr.sk15.pkl" >m.tsv
	[ "$(tail -n +2 m.tsv | cut -f 1 | tr '\n' ' ')" = "CD19+ B CD19+ B Dendritic Dendritic " ]
	lr-model markers -n 764 "$GOLDEN/binary.sk15.pkl" | awk -F '\t' 'NR > 1 { if ($1 ~ /Monocyte/) a[$3] = $4; else b[$3] = $4 }
		END { for (g in a) { n++; if (a[g] != -b[g]) exit 1 }; exit n != 741 }'
	lr-model markers --by-size -c Dendritic -n 764 "$GOLDEN/lr.sk15.pkl" | awk -F '\t' 'NR > 1 {
		size = $4 < 0 ? -$4 : $4; if (NR > 2 && size > last) exit bad = 1; last = size; low += $4 < 0 } END { exit bad || !low }'
}

@test "subset predicts as CellTypist's subset" {
	lr-model subset -k Dendritic -k 'CD14+ Monocyte' -k 'CD19+ B' "$GOLDEN/lr.sk15.pkl" -o kept.h5
	lr-predict -q -m kept.h5 --decision d.tsv -o calls.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	close d.tsv "$GOLDEN/lr.subset3.decision.tsv" 0 1e-6
	cut -f 1,2 calls.tsv | sed '1s/label/predicted_labels/' >labels.tsv
	same labels.tsv "$GOLDEN/lr.subset3.labels.tsv"
	lr-model subset -d 'CD34+' "$GOLDEN/lr.sk15.pkl" -o less.h5
	[ "$(lr-model classes less.h5 | wc -l)" -eq 10 ]
}

@test "subset refuses unknown classes, too few classes and no choice" {
	fails 1 "no class 'CD19 B'.*did you mean 'CD19\+ B'" lr-model subset -k 'CD19 B' "$GOLDEN/lr.sk15.pkl" -o x.h5
	fails 1 'two or more' lr-model subset -k 'CD19+ B' "$GOLDEN/lr.sk15.pkl" -o x.h5
	fails 2 'which classes' lr-model subset "$GOLDEN/lr.sk15.pkl" -o x.h5
	[ ! -e x.h5 ]
}

@test "conversion to mouse has CellTypist's genes, order and coefficients" {
	lr-model convert "$GOLDEN/lr.sk15.pkl" -o mouse.tsv
	grep -v '^(Intercept)' mouse.tsv | cut -f 1,4- >have.tsv
	close have.tsv "$GOLDEN/lr.converted_mouse.tsv" 1e-8 1e-12
}

@test "a table of one's own: one to one, average, first, and the way back" {
	lr-model export "$GOLDEN/lr.sk15.pkl" -o all.tsv
	printf 'from,to\nCD79A,A\nMS4A1,A\nCST3,B\nNKG7,C\nNKG7,D\n,E\nCST3,B\n' >map.csv
	lr-model convert -m map.csv "$GOLDEN/lr.sk15.pkl" -o one.tsv
	[ "$(cut -f 1 one.tsv | tr '\n' ' ')" = "gene B (Intercept) " ]
	lr-model convert -m map.csv --how average "$GOLDEN/lr.sk15.pkl" -o average.tsv
	[ "$(cut -f 1 average.tsv | tr '\n' ' ')" = "gene A B C D (Intercept) " ]
	awk -F '\t' 'NR == FNR { for (i = 2; i <= NF; i++) v[$1, i] = $i; next }
		$1 == "A" { for (i = 2; i <= NF; i++) { d = $i - (v["CD79A", i] + v["MS4A1", i]) / 2; if (d * d > 1e-24) exit bad = 1; n++ } }
		$1 == "D" { for (i = 2; i <= NF; i++) { d = $i - v["NKG7", i]; if (d * d > 1e-24) exit bad = 1; n++ } }
		END { exit bad || n != 24 }' all.tsv average.tsv
	lr-model convert -m map.csv --how first "$GOLDEN/lr.sk15.pkl" -o first.tsv
	[ "$(grep '^A' first.tsv | cut -f 2-)" = "$(grep '^CD79A' all.tsv | cut -f 2-)" ]
	lr-model convert -m map.csv --how first "$GOLDEN/lr.sk15.pkl" -o first.h5
	lr-model convert -m map.csv "$GOLDEN/lr.sk15.pkl" -o one.h5
	lr-model convert -m map.csv one.h5 -o back.h5
	[ "$(lr-model genes back.h5 | cut -f 1 | tail -n 1)" = CST3 ]
	fails 1 'no gene of the model' lr-model convert -m map.csv --from 2 "$GOLDEN/lr.sk15.pkl" -o x.h5
	printf 'a\tb\tc\n' >three.tsv
	fails 1 'three.tsv: line 1: two columns' lr-model convert -m three.tsv "$GOLDEN/lr.sk15.pkl" -o x.h5
}

@test "import and export change the format, not the model" {
	local name
	for name in lr.sk12 sgd.sk19 binary.sk15 nomean.sk15 lr.subset3; do
		lr-model import "$GOLDEN/$name.pkl" -o m.h5
		lr-model export m.h5 -o m.pkl
		lr-model export m.pkl -o a.tsv
		lr-model export "$GOLDEN/$name.pkl" -o b.tsv
		same a.tsv b.tsv
		lr-model diff "$GOLDEN/$name.pkl" m.pkl >diff.tsv
		awk -F '\t' 'NR > 1 && ($1 !~ /^coef/ || ($1 == "coef_difference" && $3 != 0)) { print; bad = 1 } END { exit bad }' diff.tsv
		lr-model info "$GOLDEN/$name.pkl" >a.txt
		lr-model info m.pkl >b.txt
		same a.txt b.txt
	done
}

@test "genes and classes of pandas 1 to 3, Arrow's strings and scipy's matrices are read as what they hold" {
	local file n=0
	lr-model export "$GOLDEN/odd/plain.pkl" -o want.tsv
	[ "$(head -n 1 want.tsv)" = "$(printf 'gene\tmean\tscale\tB cell\tT cell é\ta, b')" ]
	for file in "$GOLDEN"/odd/pd*.pkl; do
		echo "$file"
		lr-model export "$file" -o have.tsv
		same have.tsv want.tsv
		n=$((n + 1))
	done
	[ $n -eq 56 ]
}

# changed FROM TO: a golden model with some of its bytes changed, in the file odd.pkl.
changed() {
	python - "$GOLDEN/odd/$1" "$2" "$3" <<-'PY'
	import ast, sys
	data = open(sys.argv[1], "rb").read()
	old, new = (ast.literal_eval(f"b'{part}'") for part in sys.argv[2:])
	assert data.count(old) == 1, data.count(old)
	open("odd.pkl", "wb").write(data.replace(old, new))
	PY
}

@test "sparse coefficients that claim too much, and packed names that are cut or missing, are refused" {
	changed pd2.series-csr-p2.pkl '_shapeqmK\x03K\x08' '_shapeqmJ\xff\xff\xff\x7fJ\xff\xff\xff\x7f'
	fails 1 'coef_: a sparse matrix of more than 3 x 8 numbers' lr-model info odd.pkl
	changed pd2.series-csr-p2.pkl '_shapeqmK\x03K\x08' '_shapeqmK\x03K\x07'
	fails 1 'coef_: a sparse matrix points outside' lr-model info odd.pkl
	changed pd2.series-csr-p2.pkl '_shapeqmK\x03K\x08' '_shapeqmK\x02K\x08'
	fails 1 'coef_: a sparse matrix that does not fit' lr-model info odd.pkl
	changed pd2.categorical.pkl 'C\x08\x01\x05\x02\x06\x04' 'C\x08\x01\x05\x02\x06\xff'
	fails 1 'features: element 5 is missing' lr-model info odd.pkl
	changed pd3arrow.values.pkl 'CD79AMS4A1CST3NKG7LYZCD3DGNLYS100A8' 'CD79AMS4A1CST3NKG7LYZ\xffD3DGNLYS100A8'
	fails 1 'features: element 6 is not text' lr-model info odd.pkl
}

@test "a compressed pickle and a pickled Model object are read, a cut one is not" {
	gzip -c "$GOLDEN/lr.sk15.pkl" >m.pkl.gz
	lr-model info m.pkl.gz >have.txt
	lr-model info "$GOLDEN/lr.sk15.pkl" >want.txt
	same have.txt want.txt
	lr-predict -q -m m.pkl.gz "$GOLDEN/pbmc_query.h5ad" 2>/dev/null | awk -F '\t' 'NR == 2 { exit $7 != "m" }'
	head -c 9000 m.pkl.gz >cut.pkl.gz
	fails 1 'cut.pkl.gz: the gzip data is cut short' lr-model info cut.pkl.gz
	fails 1 'tmp: is a folder, and a model is a file' lr-model info tmp
}

@test "a model may have a gene twice: it is described, but not used on files with that gene" {
	damaged twice.h5 'f["genes"][1] = f["genes"][0]'
	[ "$(lr-model genes twice.h5 | cut -f 1 | sed -n '2,3p' | sort -u | wc -l)" -eq 1 ]
	lr-model export twice.h5 -o twice.pkl
	fails 3 'twice has gene HES4 twice, and .*pbmc_query.h5ad has it too' lr-predict -q -m twice.pkl -o calls.tsv "$GOLDEN/pbmc_query.h5ad"
	[ ! -e calls.tsv ]
	printf 'HES4,a\nTNFRSF4,b\n' >map.csv
	fails 1 "gene 'HES4' twice" lr-model convert -m map.csv twice.h5 -o x.h5
	lr-model diff twice.h5 twice.pkl | awk -F '\t' '$1 == "coef_difference" && $3 != 0 { exit 1 }'
	# one that the file lacks changes nothing
	damaged other.h5 'f["genes"][0] = "no such"; f["genes"][1] = "no such"'
	damaged alone.h5 'f["genes"][0] = "no such"; f["genes"][1] = ""'
	lr-predict -q -m other.h5 "$GOLDEN/pbmc_query.h5ad" 2>/dev/null | cut -f 1-6 >have.tsv
	lr-predict -q -m alone.h5 "$GOLDEN/pbmc_query.h5ad" 2>/dev/null | cut -f 1-6 >want.tsv
	[ "$(wc -l <have.tsv)" -gt 300 ]
	same have.tsv want.tsv
}

@test "the same model is the same bytes" {
	lr-model import "$GOLDEN/lr.sk15.proto0.pkl" -o a.h5
	sleep 1.1
	lr-model import "$GOLDEN/lr.sk15.proto5.pkl" -o b.h5
	cmp a.h5 b.h5
	lr-model import "$GOLDEN/lr.sk15.pkl" | cat >c.h5
	cmp a.h5 c.h5
	lr-model export a.h5 -o a.pkl
	lr-model export c.h5 -o c.pkl
	cmp a.pkl c.pkl
}

@test "the container is read in ten lines of h5py, with the same scores" {
	lr-model import "$GOLDEN/lr.sk15.pkl" -o model.h5
	python - <<-'PY'
	import h5py
	f = h5py.File("model.h5")
	classes = f["classes"].asstr()[()]
	genes = f["genes"].asstr()[()]
	coef = f["coef"][()]
	assert coef.shape == (len(classes), len(genes)) == (10, 764)
	assert classes[1] == "CD19+ B" and genes[0] == "HES4"
	assert f["intercept"].shape == (10,) and f["mean"].shape == f["scale"].shape == (764,)
	assert f.attrs["format"] in (b"pipette-model", "pipette-model") and f.attrs["format_version"] == 1
	assert f.attrs["clip"] == 10 and f.attrs["target_sum"] == 10000 and f.attrs["with_mean"] == 1
	assert f["card"].attrs["details"] in (b"PBMC 68k, half of the cells", "PBMC 68k, half of the cells")
	PY
}

@test "a container made by h5py with its own kind of text is read" {
	python - <<-'PY'
	import h5py, numpy as np
	f = h5py.File("mine.h5", "w")
	f.attrs.update(dict(format="pipette-model", format_version=1, loss="softmax", clip=10.0, target_sum=1e4, with_mean=True))
	f["classes"] = ["b cell é", "a"]
	f["genes"] = ["CD79A", "MS4A1", "CST3"]
	f.create_dataset("coef", data=np.arange(6.0).reshape(2, 3).astype("f4"), compression="gzip", chunks=(1, 3))
	f["intercept"] = [0, 1]
	f["mean"] = np.zeros(3)
	f["scale"] = np.ones(3)
	f.create_group("a group of later")["years"] = 1
	PY
	lr-model info mine.h5 | grep -q 'cell types: b cell é, a$'
	lr-model genes mine.h5 | grep -q '^CST3'
	lr-predict -q -m mine.h5 --probability p.tsv -o c.tsv "$GOLDEN/pbmc_query.h5ad" 2>/dev/null
	awk -F '\t' 'NR > 1 { d = $2 + $3 - 1; if (d * d > 1e-16) exit 1 }' p.tsv
}

# damaged NAME PYTHON: a good model with a change.
damaged() {
	lr-model import "$GOLDEN/binary.sk15.pkl" -o "$1"
	python -c "import h5py, numpy as np
f = h5py.File('$1', 'r+')
$2"
}

@test "models that cannot be right are refused, the gene or class named" {
	damaged a.h5 'f["coef"][0, 3] = np.nan'
	fails 1 'a.h5: class CD19\+ B, gene .*: coefficient is -?nan' lr-model info a.h5
	damaged b.h5 'f["scale"][5] = 0'
	fails 1 'b.h5: gene .*: scale is 0' lr-model info b.h5
	damaged d.h5 'f["classes"][1] = f["classes"][0]'
	fails 1 "d.h5: class '.*' is there twice" lr-model info d.h5
	damaged e.h5 'del f["mean"]; f["mean"] = np.zeros(3)'
	fails 1 'e.h5: mean: shape' lr-model info e.h5
	damaged f.h5 'del f["coef"]'
	fails 1 "f.h5: there is no dataset 'coef'" lr-model info f.h5
	damaged g.h5 'f.attrs["loss"] = "hinge"'
	fails 1 "g.h5: attribute 'loss' is 'hinge'" lr-model info g.h5
	damaged h.h5 'f.attrs["format_version"] = 2'
	fails 1 'h.h5: model format 2' lr-model info h.h5
	damaged i.h5 'del f["mean"]; f["mean"] = h5py.ExternalLink("/etc/passwd", "x")'
	fails 1 'i.h5: ' lr-model info i.h5
	damaged j.h5 'f["genes"][1] = b"a\tb"'
	fails 1 'j.h5: gene 2 .*tab' lr-model info j.h5
	head -c 3000 a.h5 >cut.h5
	fails 1 'cut.h5: ' lr-model info cut.h5
	printf 'hello' >text.txt
	fails 1 'text.txt: ' lr-model info text.txt
	: >empty.h5
	fails 1 'empty.h5: ' lr-model info empty.h5
}

@test "wrong usage exits with 2 and says the nearest verb" {
	fails 2 'what to do' lr-model
	fails 2 "did you mean markers" lr-model marker "$GOLDEN/lr.sk15.pkl"
	fails 2 'diff needs two models' lr-model diff "$GOLDEN/lr.sk15.pkl"
	fails 2 'info needs one model' lr-model info
	fails 2 'export needs a name' lr-model export "$GOLDEN/lr.sk15.pkl"
}

@test "import --genes approved: names as gene-normalize gives them, and what became of each" {
	lr-model import -q --genes approved --report genes.tsv "$GOLDEN/lr.sk12.pkl" -o own.h5
	[ "$(head -n 1 genes.tsv)" = 'gene	after	rule' ]
	gene-normalize -q --report want.tsv "$GOLDEN/pbmc_query.h5ad" -o /dev/null
	awk -F '\t' 'NR == FNR { want[$1] = $2; next } FNR > 1 && ($1 in want) { n++; if (want[$1] != $2) { print; bad = 1 } } END { exit bad || n < 500 }' want.tsv genes.tsv
	grep -q '^ATP5IF1$' <(lr-model genes -q own.h5 | cut -f 1) || grep -q 'previous-symbol' genes.tsv
	same <(lr-model genes -q own.h5 | sed 1d | cut -f 1) <(sed 1d genes.tsv | cut -f 2)
	fails 2 '--genes is for import' lr-model export --genes approved own.h5 -o x.pkl
	fails 2 '--report for --genes' lr-model import --report x own.h5 -o y.h5
}

@test "learn-factors: a CellTypist model works on a panel; any number of threads" {
	lr-model genes "$GOLDEN/lr.sk15.pkl" | awk 'NR > 1 && NR % 12 == 0 { print $1 }' >panel.txt
	h5-select -q --genes panel.txt "$GOLDEN/pbmc_query.h5ad" -o panel.h5ad
	lr-predict -q -m "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_query.h5ad" | cut -f 1,2 >all.tsv
	fails 3 'min-coverage' lr-predict -q -m "$GOLDEN/lr.sk15.pkl" panel.h5ad
	lr-predict -q --min-coverage 0 -m "$GOLDEN/lr.sk15.pkl" panel.h5ad | cut -f 1,2 >mean.tsv
	run_split lr-model learn-factors -t 1 "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_train.h5ad" -o model.h5
	[ "$status" -eq 0 ]
	grep -q '764 of 764 genes of the model are there' <<<"$errors"
	lr-model learn-factors -q -t 3 "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_train.h5ad" -o other.h5
	cmp model.h5 other.h5
	lr-predict -q -m model.h5 panel.h5ad | cut -f 1,2 >expected.tsv
	agree() { paste all.tsv "$1" | awk -F '\t' 'NR > 1 && $2 == $4 { n++ } END { print n + 0 }'; }
	echo "$(agree expected.tsv) $(agree mean.tsv)"
	[ "$(agree expected.tsv)" -gt "$(agree mean.tsv)" ]
	# With every gene there, factors change nothing.
	lr-predict -q -m model.h5 "$GOLDEN/pbmc_query.h5ad" | cut -f 1,2 | cmp - all.tsv
	fails 2 'learn from' lr-model learn-factors model.h5 -o x.h5
	fails 2 'pickle' lr-model learn-factors model.h5 "$GOLDEN/pbmc_train.h5ad" -o x.pkl
}

@test "calibrate: probabilities for a published model, from labelled cells" {
	lr-model calibrate -q -l bulk_labels "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_train.h5ad" -o model.h5
	lr-predict -q -m model.h5 "$GOLDEN/pbmc_query.h5ad" | awk -F '\t' '
		NR == 1 { for (i = 1; i <= NF; i++) if ($i == "probability") at = i; next }
		!at || !($at > 0 && $at <= 1) { exit 1 }'
	fails 2 'label' lr-model calibrate "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_train.h5ad" -o x.h5
	fails 3 'cells of two classes' lr-model calibrate -l louvain "$GOLDEN/lr.sk15.pkl" "$GOLDEN/pbmc_train.h5ad" -o x.h5
	[ ! -e x.h5 ]
}

@test "what a model knows beside its weights goes into models made of it, or is said to stay behind" {
	h5-obs get -q -c bulk_labels "$TESTS/../refs/demo/pbmc_train.h5ad" | sed '1s/bulk_labels/lv1/; 2,$s/\t.*T$/\tT/' >levels.tsv
	h5-obs put -q -f levels.tsv "$TESTS/../refs/demo/pbmc_train.h5ad" -o train.h5ad
	lr-train -q -l bulk_labels --min-cells 4 --levels lv1 train.h5ad -o m.h5
	# all classes, and names that change: the same calls but for what is said of landmarks
	lr-predict -q -m m.h5 --levels lv1 "$TESTS/../refs/demo/pbmc_query.h5ad" >want.tsv
	awk 'BEGIN { print "human\tother" } NR > 1 { print $1 "\tx" $1 }' <(lr-model genes m.h5) >names.tsv
	lr-model convert -q --map names.tsv --from 1 m.h5 -o x.h5
	lr-model convert -q --map names.tsv --from 2 x.h5 -o back.h5
	lr-predict -q -m back.h5 --levels lv1 "$TESTS/../refs/demo/pbmc_query.h5ad" | sed 's/\tback\t/\tm\t/' >have.tsv
	same have.tsv want.tsv
	# fewer classes: their rows; landmarks are of all, and stay behind
	run_split lr-model subset --drop Dendritic m.h5 -o few.h5
	grep -q 'landmarks' <<<"$errors"
	lr-predict -q -m few.h5 --levels lv1 "$TESTS/../refs/demo/pbmc_query.h5ad" >few.tsv
	head -n 1 few.tsv | grep -q 'probability.*explained.*label_lv1'
	run head -n 1 few.tsv
	[[ $output != *novelty* ]]
	# half of the genes: as a file that lacks them
	lr-model genes m.h5 | awk 'NR % 2 { print $1 "\t" $1 }' >half.tsv
	lr-model convert -q --map half.tsv --from 1 m.h5 -o half.h5
	lr-predict -q -m half.h5 "$TESTS/../refs/demo/pbmc_query.h5ad" >half.calls
	head -n 1 half.calls | grep -q 'probability.*novelty'
}
