"""make.py FOLDER: one model in every form that its genes, classes and numbers come in.

Writes TAG.FORM.pkl, where TAG is the pandas that made it (pd1, pd2, pd3, and pd3arrow with
pyarrow installed). All hold the numbers of plain.pkl; needs pandas, scipy and scikit-learn.
"""
import importlib.util
import os
import pickle
import sys

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

folder = sys.argv[1]
tag = "pd" + pd.__version__.split(".")[0] + ("arrow" if importlib.util.find_spec("pyarrow") else "")
genes = np.array(["CD79A", "MS4A1", "CST3", "NKG7", "LYZ", "CD3D", "GNLY", "S100A8"], dtype=object)
classes = np.array(["B cell", "T cell é", "a, b"], dtype=object)
rng = np.random.default_rng(3)
coef = np.where(rng.random((3, 8)) < 0.6, rng.integers(-8, 9, (3, 8)) / 4, 0)


def model(**change):
    classifier, scaler = LogisticRegression(), StandardScaler()
    classifier.__dict__.update(classes_=classes, features=genes, coef_=coef, intercept_=np.array([0.5, -1, 0.25]),
                               n_features_in_=8)
    classifier.__dict__.update(change)
    mean = np.arange(8) / 8 + 0.125
    scaler.__dict__.update(mean_=mean, var_=np.ones(8), scale_=np.full(8, 0.75), n_features_in_=8)
    return dict(Model=classifier, Scaler_=scaler,
                description=dict(date="2024-01-01", details="odd", url="", source="", version="v1", number_celltypes=3))


def write(form, parts, protocol=4):
    with open(os.path.join(folder, f"{tag}.{form}.pkl"), "wb") as f:
        pickle.dump(parts, f, protocol=protocol)


forms = {
    "index": model(features=pd.Index(genes)),
    "series": model(features=pd.Series(genes, name="symbol")),
    "series-labelled": model(features=pd.Series(genes, index=genes[::-1])),
    "categorical": model(features=pd.Categorical(genes), classes_=pd.Categorical(classes)),
    "categorical-index": model(features=pd.CategoricalIndex(genes), classes_=pd.Series(classes, dtype="category")),
    "string": model(features=pd.Series(genes).astype("string").values, classes_=pd.Index(classes, dtype="string")),
    "values": model(features=pd.DataFrame({1: list(genes)})[1].values),
    "csr": model(coef_=sp.csr_matrix(coef)),
    "csc": model(coef_=sp.csc_matrix(coef)),
    "csr-array": model(coef_=sp.csr_array(coef)),
}
for form, parts in forms.items():
    write(form, parts)
for protocol in (0, 2, 5):
    write(f"series-csr-p{protocol}", model(features=pd.Series(genes), coef_=sp.csr_matrix(coef)), protocol)
described = model()
described["description"].update(extra=pd.Timestamp("2024-01-01"), missing=pd.NA, none=pd.NaT, more=pd.Series([1]))
write("described", described)
if tag == "pd2":
    with open(os.path.join(folder, "plain.pkl"), "wb") as f:
        pickle.dump(model(), f, protocol=4)
