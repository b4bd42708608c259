"""vae.py VERB ...: what scvi-tools does, for the benchmark. On the CPU, as many threads as it takes.

surgery FOLDER QUERY EPOCHS; train REFERENCE EPOCHS; classes FOLDER REFERENCE EPOCHS; latent FOLDER
FILE. The recipe is that of the scArches tutorials."""
import sys

import anndata as ad
import scvi

verb, *words = sys.argv[1:]
quick = dict(accelerator="cpu", enable_progress_bar=False)
scvi.settings.seed = 0


def load(folder, data):
    kind = scvi.model.SCANVI if "lab" in data.obs and not folder.endswith("scvi") else scvi.model.SCVI
    return kind, kind.load(folder, adata=data)


if verb == "surgery":
    query = ad.read_h5ad(words[1])
    kind = scvi.model.SCVI if words[0].endswith("scvi") else scvi.model.SCANVI
    model = kind.load_query_data(query, words[0], freeze_dropout=True)
    model.train(max_epochs=int(words[2]), plan_kwargs={"weight_decay": 0.0}, **quick)
    model.get_latent_representation()
elif verb == "train":
    data = ad.read_h5ad(words[0])
    scvi.model.SCVI.setup_anndata(data, batch_key="dataset")
    model = scvi.model.SCVI(data, n_latent=30, n_layers=2, dropout_rate=0.2, encode_covariates=True, gene_likelihood="nb",
                            use_layer_norm="both", use_batch_norm="none")
    model.train(max_epochs=int(words[1]), train_size=0.9, **quick)
elif verb == "classes":
    _, model = load(words[0], ad.read_h5ad(words[1]))
    model.train(max_epochs=int(words[2]), train_size=0.9, **quick)
else:
    _, model = load(words[0], ad.read_h5ad(words[1]))
    model.get_latent_representation()
