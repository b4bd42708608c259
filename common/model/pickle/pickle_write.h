/* pickle_write.h - the opcodes of a pickle, written one after the other.
 *
 * Plain values, numpy's arrays, and names; protocol 4 without memo and frames: legal for every
 * reader that knows the opcodes, and the same bytes every time. Who writes containers and objects
 * writes their few opcodes itself ("}(" ... "u" is a dict).
 *
 *	fputs("\x80\x04}(", file);
 *	pickle_put_text(file, "classes");
 *	pickle_put_texts(file, names, n);
 *	fputs("u.", file);
 *
 * Failures are the stream's: look at ferror in the end.
 */
#ifndef MODEL_PICKLE_PICKLE_WRITE_H
#define MODEL_PICKLE_PICKLE_WRITE_H

#include "base/util.h"

void pickle_put_text(FILE *f, const char *s);
void pickle_put_int(FILE *f, int64_t value);
void pickle_put_float(FILE *f, double value);
void pickle_put_bool(FILE *f, bool value);
void pickle_put_none(FILE *f);

/* A class or function, to be called by the opcodes that follow. */
void pickle_put_name(FILE *f, const char *module, const char *name);

/* numpy arrays of float64 in C order, and of texts as objects. */
void pickle_put_doubles(FILE *f, const double *values, const size_t *shape, size_t n_dims);
void pickle_put_texts(FILE *f, char *const *texts, size_t n);

#endif
