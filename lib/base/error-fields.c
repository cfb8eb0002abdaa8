/* SPDX-License-Identifier: MIT */
/* struct dmk_error and struct dmk_holder, field by field: for language bindings. */
#include <stddef.h>

#include "dmkit.h"

int32_t dmk_error_code(const struct dmk_error *err)
{
	return err->code;
}

uint32_t dmk_error_verb(const struct dmk_error *err)
{
	return err->verb;
}

uint32_t dmk_error_step(const struct dmk_error *err)
{
	return err->step;
}

uint32_t dmk_error_segment(const struct dmk_error *err)
{
	return err->segment;
}

uint32_t dmk_error_line(const struct dmk_error *err)
{
	return err->line;
}

uint32_t dmk_error_column(const struct dmk_error *err)
{
	return err->column;
}

uint32_t dmk_error_tries(const struct dmk_error *err)
{
	return err->tries;
}

int64_t dmk_error_spent_ms(const struct dmk_error *err)
{
	return err->spent_ms;
}

const char *dmk_error_device(const struct dmk_error *err)
{
	return err->device;
}

const char *dmk_error_target(const struct dmk_error *err)
{
	return err->target;
}

const char *dmk_error_argument(const struct dmk_error *err)
{
	return err->argument;
}

const char *dmk_error_detail(const struct dmk_error *err)
{
	return err->detail;
}

const char *dmk_error_reason(const struct dmk_error *err)
{
	return err->reason;
}

const char *dmk_error_params(const struct dmk_error *err)
{
	return err->params;
}

int32_t dmk_error_undo_code(const struct dmk_error *err)
{
	return err->undo_code;
}

uint32_t dmk_error_left(const struct dmk_error *err)
{
	return err->left;
}

uint64_t dmk_error_meant_sectors(const struct dmk_error *err)
{
	return err->meant_sectors;
}

uint32_t dmk_error_n_holders(const struct dmk_error *err)
{
	return err->n_holders < DMK_MAX_HOLDERS ? err->n_holders : DMK_MAX_HOLDERS;
}

uint32_t dmk_error_holders_more(const struct dmk_error *err)
{
	return err->holders_more;
}

const struct dmk_holder *dmk_error_holder(const struct dmk_error *err, uint32_t index)
{
	return index < dmk_error_n_holders(err) ? &err->holders[index] : NULL;
}

uint32_t dmk_holder_kind(const struct dmk_holder *holder)
{
	return holder->kind;
}

uint32_t dmk_holder_major(const struct dmk_holder *holder)
{
	return holder->major;
}

uint32_t dmk_holder_minor(const struct dmk_holder *holder)
{
	return holder->minor;
}

int32_t dmk_holder_pid(const struct dmk_holder *holder)
{
	return holder->pid;
}

const char *dmk_holder_name(const struct dmk_holder *holder)
{
	return holder->name;
}

const char *dmk_holder_where(const struct dmk_holder *holder)
{
	return holder->where;
}
