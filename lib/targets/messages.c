/* SPDX-License-Identifier: MIT */
/* Messages by key=value: every target's, and device-mapper's own. */
#include "rows/target.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* type NULL: the core's; NULL: there is no such target. */
static const struct dmk_message *messages_of(const char *type, uint32_t *ret_n)
{
	const struct dmk_target *target = type ? dmk_target_find(type) : &dmk_core_messages;

	*ret_n = target ? target->n_messages : 0;
	return target ? target->messages : NULL;
}

static const struct dmk_message *find(const char *type, const char *name)
{
	uint32_t n;
	const struct dmk_message *messages = messages_of(type, &n);

	for (uint32_t i = 0; name && i < n; i++)
		if (strcmp(messages[i].info.name, name) == 0)
			return &messages[i];
	return NULL;
}

const struct dmk_message_info *dmk_target_message(const char *type, uint32_t index)
{
	uint32_t n;
	const struct dmk_message *messages = messages_of(type, &n);

	return index < n ? &messages[index].info : NULL;
}

int dmk_message_key(const char *type, const char *message, uint32_t index, struct dmk_key *ret_key)
{
	const struct dmk_message *found = find(type, message);

	if (!found || index >= found->form.n_rows)
		return -ENOENT;
	*ret_key = dmk_row_key(&found->form.rows[index]);
	return 0;
}

int dmk_message_print(const struct dmk_message *message, const struct dmk_form *form,
		      const void *value, char **ret_text, struct dmk_error *err)
{
	DMK_CLEANUP(dmk_text_free) struct dmk_text arguments = { 0 }, text = { 0 };
	int r = dmk_form_format(form, value, &arguments, err);
	char *copy;

	if (r < 0)
		return r;
	dmk_text_add_bytes(&text, message->word, strlen(message->word));
	if (arguments.length) {
		if (text.length)
			dmk_text_add_bytes(&text, " ", 1);
		dmk_text_add_bytes(&text, arguments.data, arguments.length);
	}
	copy = dmk_text_error(&text) < 0 ? NULL : dmk_copy_bytes(text.data, text.length + 1);
	if (!copy)
		return dmk_fail(err, -ENOMEM, "no memory");
	*ret_text = copy;
	return 0;
}

int dmk_message_from_keys(const char *type, const char *message, const struct dmk_key_value *pairs,
			  uint32_t n, char **ret_text, struct dmk_error *ret_error)
{
	const struct dmk_message *found = find(type, message);
	struct dmk_keys keys = { .name = message, .pairs = pairs, .n = n, .error = ret_error };
	void *value;
	int r;

	dmk_begin_parse(ret_error, DMK_VERB_MESSAGE, type ? type : "", "");
	if (!found)
		return dmk_fail_word(ret_error, -ENOENT, message ? message : "",
				     message ? strlen(message) : 0, 0,
				     "dmkit knows no such message of this target");
	value = calloc(1, found->form.value_size);
	if (!value)
		return dmk_fail(ret_error, -ENOMEM, "no memory");
	keys.form = &found->form;
	r = dmk_form_from_keys(&keys, value);
	if (r == 0)
		r = dmk_message_print(found, &found->form, value, ret_text, ret_error);
	dmk_form_clear(&found->form, value);
	free(value);
	return r;
}
