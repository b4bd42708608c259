/* ref_entry.h - one reference or model that can be fetched, and lists of them as TSV.
 *
 * What ref-query writes and ref-fetch reads. All fields are text in the list's arena, "" when not
 * known; numbers are 0 when not known.
 *
 *	struct references list = {0};
 *	struct ref_entry *r = references_add(&list);
 *	r->id = references_keep(&list, "colon");
 *	...
 *	references_release(&list);
 */
#ifndef REF_REF_ENTRY_H
#define REF_REF_ENTRY_H

#include "base/mem.h"
#include "base/strtab.h"
#include "format/tsv.h"

struct ref_entry {
	const char *id;
	const char *source;  /* cellxgene, synapse, local, models, url */
	const char *address; /* https://, s3://, synNNN, or a path; "" when it must be looked up */
	size_t size;
	const char *sha256, *md5; /* lower-case hex */
	const char *label;        /* obs column with the cell types */
	size_t cells;
	const char *title, *tissue, *condition, *organism;
	const char *access;  /* public, token, approval */
	const char *release; /* of the Census, or the model's version */
	const char *dataset; /* CELLxGENE id */
	const char *search;  /* words of its title, when there is no id */
	const char *page;    /* where people read about it */
};

struct references {
	struct ref_entry *items;
	size_t n, cap;
	struct arena arena;
	struct strtab ids; /* of those that were there at the last question, and where they are */
	size_t *of_id;
	size_t n_of_id, cap_of_id, n_indexed;
};

/* A new one at the end, every field empty. The pointer is valid until the next is added. */
struct ref_entry *references_add(struct references *list);
const char *references_keep(struct references *list, const char *s); /* NULL becomes "" */

/* The first of that id, or NULL. Ids may not change once this was asked. */
struct ref_entry *references_find(struct references *list, const char *id);

/* The last takes the place of an older one of its id. */
void references_replace(struct references *list, struct ref_entry *old);
void references_release(struct references *list);

/* As TSV: "id source address size sha256 label_column cells title ...". */
int references_write(const struct references *list, const char *path, struct err *err) MUST_USE;

/*
 * Add what a TSV lists. Only id is needed, and address or source; unknown columns are passed over.
 * "url" and "path" are other names of address.
 */
int references_read(struct references *list, const char *path, struct err *err) MUST_USE;

/* Is 's' 'n' hexadecimal digits? */
bool is_hex(const char *s, size_t n);

#endif
