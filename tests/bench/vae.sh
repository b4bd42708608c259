# Neural references beside scvi-tools: training, surgery shaped like the lung atlas's (1,786 cells,
# 2,000 genes, 28 labels), and the start to a first latent of 20,000 cells. torch has a virtual
# environment of its own, VAE_VENV or made here; where it cannot be, its rows are left out.
here=$DATA_FOLDER/vae
mkdir -p "$here"
venv=${VAE_VENV:-$here/venv}
[ -n "${VAE_VENV-}" ] || [ -e "$here/tried" ] || { python3 -m venv "$venv" &&
	"$venv/bin/pip" install -q -r "$PEER_SCRIPTS/requirements-vae.txt"; } >>"$DATA_FOLDER/log" 2>&1 || true
touch "$here/tried"
export TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD=1
peer="$venv/bin/python -W ignore $PEER_SCRIPTS/vae.py"
"$venv/bin/python" -c 'import scvi' >>"$DATA_FOLDER/log" 2>&1 || peer=
[ -n "$peer" ] || echo "| vae | scvi-tools is left out: it cannot be installed or loaded here (see $DATA_FOLDER/log) | | | |"

[ -e "$here/query.h5ad" ] || "$PYTHON" -W ignore "$PEER_SCRIPTS/vae-data.py" "$here/ref.h5ad" "$here/query.h5ad"
[ -e "$here/model/model.pt" ] || { mkdir -p "$here/model" "$here/scvi"
	vae-train -q -g all --latent 30 -b dataset -l lab -e 20 --class-epochs 5 "$here/ref.h5ad" -o "$here/scanvi.h5"
	vae-train -q -g all --latent 30 -b dataset -e 20 "$here/ref.h5ad" -o "$here/scvi.h5"
	vae-model export -q "$here/scvi.h5" -o "$here/scvi/model.pt"
	vae-model export -q "$here/scanvi.h5" -o "$here/model/model.pt"; }

# beside TITLE SPEED MEMORY OURS THEIRS: a comparison, or ours alone.
beside() {
	if [ -n "$peer" ]; then
		compare "$1" "$2" "$3" "$4" "$peer $5"
	else
		measure "$1" "$4"
	fi
}
surgery="--patience 0 $here/query.h5ad -o $here/out.h5ad"
beside 'scANVI surgery, 1,786 cells, 100 epochs' 4 4 "vae-map -q -m $here/scanvi.h5 --epochs 100 $surgery" \
	"surgery $here/model $here/query.h5ad 100"
beside 'scVI surgery, 1,786 cells, 100 epochs' 4 4 "vae-map -q -m $here/scvi.h5 --epochs 100 $surgery" \
	"surgery $here/scvi $here/query.h5ad 100"
beside 'scVI, 20,000 x 2,000, 5 epochs' 3 4 \
	"vae-train -q -g all --latent 30 -b dataset -e 5 $here/ref.h5ad -o $here/out.h5" "train $here/ref.h5ad 5"
beside 'scANVI of 28 labels on a model there is, 2 epochs' 3 4 \
	"vae-train -q --from $here/scanvi.h5 -b dataset -l lab --per-label 0 --class-epochs 2 $here/ref.h5ad -o $here/out.h5" \
	"classes $here/model $here/ref.h5ad 2"
beside 'start to the latents of 20,000 cells' 10 4 "vae-map -q -m $here/scanvi.h5 $here/ref.h5ad -o $here/out.h5ad" \
	"latent $here/model $here/ref.h5ad"
rm -f "$here/out.h5ad" "$here/out.h5"
