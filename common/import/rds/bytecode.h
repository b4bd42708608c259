/* bytecode.h - passing over compiled functions.
 *
 * Byte code has a layout of its own inside the serialisation. None of it is kept; it is parsed
 * because what follows it matters.
 *
 *	case BCODESXP:
 *		return bytecode_begin(r, to);        // its parts are on the stack of things to do
 */
#ifndef IMPORT_RDS_BYTECODE_H
#define IMPORT_RDS_BYTECODE_H

#include "import/rds/rds_reader_private.h"

/* A byte-code value has begun: queue its parts. '*to' becomes RDS_OTHER. */
int bytecode_begin(struct rds_reader *r, struct rds_value **to) MUST_USE;

/* Do one of the TODO_CODE things. */
int bytecode_next(struct rds_reader *r, struct todo t) MUST_USE;

#endif
