/* json_read.h - JSON from outside, within bounds.
 *
 * jansson reads it; before that, size and nesting are checked here, so that no reply can eat the
 * memory or the stack. The getters below never fail: what is not there, or of another kind, is ""
 * or 0 or NULL, as JSON of services has holes.
 *
 *	json_t *root = document_read("answer.json", &err);
 *	puts(document_text(root, "title"));             // "" where there is none
 *	json_decref(root);
 */
#ifndef FORMAT_JSON_READ_H
#define FORMAT_JSON_READ_H

#include "base/err.h"

#include <jansson.h>

#define DOCUMENT_LARGEST ((size_t)512 << 20) /* the index of all CELLxGENE datasets is 50 MB */
#define DOCUMENT_DEEPEST 32
#define DOCUMENT_MOST ((size_t)32 << 20) /* values, an empty list counting four: some 1.3 GB */

/* Parse 'len' bytes. 'name' is for messages. json_decref frees it. */
json_t *document_parse(const char *bytes, size_t len, const char *name, struct err *err) MUST_USE;

/* Read a file, "-" is standard input. */
json_t *document_read(const char *path, struct err *err) MUST_USE;

const char *document_text(const json_t *object, const char *key);   /* "" */
size_t document_size(const json_t *object, const char *key);        /* 0 */
const json_t *document_list(const json_t *object, const char *key); /* NULL when no array */

#endif
