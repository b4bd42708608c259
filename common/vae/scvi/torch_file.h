/* torch_file.h - what torch.save wrote: a zip archive of a pickle, with the numbers beside it.
 *
 * The pickle is read as inert values (model/pickle); nothing runs. A tensor there is a piece of a
 * storage: an entry of the archive, and offset, sizes and strides in elements. All are checked
 * against the entry before a number is copied.
 *
 *	struct torch_file *t = torch_open("model.pt", err);
 *	const struct pickle_value *state = pickle_get(torch_root(t), "model_state_dict");
 *	if (torch_tensor(t, value, "px_r", &tensor, err) == 0)
 *		use(tensor.values, tensor.shape);
 *	torch_tensor_release(&tensor);
 *	torch_close(t);
 */
#ifndef VAE_SCVI_TORCH_FILE_H
#define VAE_SCVI_TORCH_FILE_H

#include "base/err.h"
#include "model/pickle/pickle.h"

struct torch_file;

/* NULL on failure: no zip archive, big-endian, a name that is not allowed, ... */
struct torch_file *torch_open(const char *path, struct err *err) MUST_USE;
void torch_close(struct torch_file *t); /* NULL is fine */

const struct pickle_value *torch_root(const struct torch_file *t);

struct torch_tensor {
	size_t n_dims, shape[2]; /* at most two */
	size_t n;
	float *values; /* in C order; NULL when it is a single integer */
	int64_t integer;
};

/* Is a value a tensor (or a parameter)? */
bool torch_is_tensor(const struct pickle_value *v);

/*
 * Its numbers as floats, from float, double or half; integers only as a single one. 'what' names
 * it in messages. The caller releases.
 */
int torch_tensor(struct torch_file *t, const struct pickle_value *v, const char *what,
		 struct torch_tensor *tensor, struct err *err) MUST_USE;
void torch_tensor_release(struct torch_tensor *tensor);

#endif
