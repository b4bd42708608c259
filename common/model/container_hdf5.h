/* container_hdf5.h - what the files behind container.h share. Only container*.c include it. */
#ifndef MODEL_CONTAINER_HDF5_H
#define MODEL_CONTAINER_HDF5_H

#include <hdf5.h>

#include "base/outfile.h"
#include "model/model.h"

#define CONTAINER_FORMAT "pipette-model"
#define CONTAINER_VERSION 1
#define N_CARD_TEXTS 6

extern const char *const container_card_names[N_CARD_TEXTS];
char **container_card_text(struct model_card *card, size_t i);

/* A new HDF5 file under the outfile's temporary name; files and datasets carry no time stamps. */
hid_t container_create(struct outfile *out);
hid_t container_dataset_plist(void);

/* UTF-8 text of 'width' bytes, filled up with zeros. Close it with H5Tclose. */
hid_t container_text_type(size_t width);

/* Names as UTF-8 text of the width of the longest. */
bool container_write_names(hid_t at, const char *name, char *const *names, size_t n);

#endif
