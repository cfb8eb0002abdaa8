/* SPDX-License-Identifier: MIT */
/*
 * What stands in lib/targets' place in the minimal command (-Dminimal=true): any target's table,
 * status and message pass as text, and none has keys, help or checks. Only which words of which
 * table are key material is known as before: they are wiped, and shown as zeros.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "dmkit.h"
#include "verbs/swap.h"
#include "wire/table.h"
#include "targets/needs.h"

/* The targets whose tables carry keys: in which word, from 1; 0: in optional ones. */
static const struct secret {
	struct dmk_target target;
	uint32_t word;
} secrets[] = {
	{ { .info.type = "crypt", .flags = DMK_TARGET_SECRET }, 2 },
	{ { .info.type = "inlinecrypt", .flags = DMK_TARGET_SECRET }, 2 },
	{ { .info.type = "integrity", .flags = DMK_TARGET_SECRET }, 0 },
};

/* "WORD:ALGORITHM:KEY" */
static const char *const secret_options[] = { "internal_hash:", "journal_crypt:", "journal_mac:" };

static const struct secret *find(const char *type)
{
	for (size_t i = 0; type && i < DMK_ARRAY_SIZE(secrets); i++)
		if (strcmp(type, secrets[i].target.info.type) == 0)
			return &secrets[i];
	return NULL;
}

/* The key in a word; NULL: none. */
static const char *key_in(const struct secret *secret, const struct dmk_word *word, uint32_t number)
{
	const char *key = word->text;
	size_t length;

	/* ":32:logon:name" only names a key, "-" is none. */
	if (secret->word)
		return number != secret->word || *key == ':' || (*key == '-' && word->length == 1)
			       ? NULL
			       : key;
	for (size_t i = 0; i < DMK_ARRAY_SIZE(secret_options); i++) {
		length = strlen(secret_options[i]);
		if (word->length > length && strncasecmp(key, secret_options[i], length) == 0) {
			key = memchr(key + length, ':', word->length - length);
			return key ? key + 1 : NULL;
		}
	}
	return NULL;
}

int dmk_params_hide_keys(const char *type, const char *params, char **ret_text)
{
	const struct secret *secret = find(type);
	struct dmk_words words = dmk_words_of(params, NULL, NULL);
	struct dmk_word word;
	char *text = NULL;
	uint32_t number = 0;

	if (!secret && dmk_type_is_secret(type)) {
		*ret_text = strdup("(hidden)");
		return *ret_text ? 1 : -ENOMEM;
	}
	while (secret && dmk_words_next(&words, &word)) {
		const char *key = key_in(secret, &word, ++number);

		if (!key)
			continue;
		if (!text)
			text = dmk_copy_bytes(params, strlen(params) + 1);
		if (!text)
			return -ENOMEM;
		memset(text + (key - params), '0', word.length - (size_t)(key - word.text));
	}
	if (!text)
		return 0;
	*ret_text = text;
	return 1;
}

/* What Linux says at the load and at the resume has to do. */
int dmk_foresee_swap(struct dmk *dm, const struct dmk_id *id, struct dmk_former *former,
		     struct dmk_table *table)
{
	(void)dm;
	(void)id;
	(void)former;
	(void)table;
	return 0;
}

const struct dmk_target *dmk_target_find(const char *type)
{
	const struct secret *secret = find(type);

	return secret ? &secret->target : NULL;
}

int dmk_target_check(const char *type, const char *params, uint64_t length_sectors, bool newer,
		     struct dmk_error *err)
{
	(void)type;
	(void)params;
	(void)length_sectors;
	(void)newer;
	(void)err;
	return 0;
}

struct dmk_version dmk_newest_known(const char *type)
{
	(void)type;
	return (struct dmk_version){ 0 };
}

int dmk_target_needs(const char *type, const char *params, dmk_need_fn fn, void *userdata)
{
	(void)type;
	(void)params;
	(void)fn;
	(void)userdata;
	return 0;
}

int dmk_target_devices(const char *type, const char *params, uint64_t length_sectors,
		       dmk_target_device_fn fn, void *userdata)
{
	(void)type;
	(void)params;
	(void)length_sectors;
	(void)fn;
	(void)userdata;
	return 0;
}

void *dmk_form_read(const struct dmk_form *form, const char *text)
{
	(void)form;
	(void)text;
	return NULL;
}

void dmk_form_clear(const struct dmk_form *form, void *value)
{
	(void)form;
	(void)value;
}

int dmk_target_troubles(const char *type, const char *status, dmk_trouble_fn fn, void *userdata)
{
	(void)type;
	(void)status;
	(void)fn;
	(void)userdata;
	return 0;
}

void dmk_nearest_target(const char *type, char *text, size_t size)
{
	(void)type;
	if (size)
		*text = '\0';
}

/* What calls these gets a constant, so that the compiler drops all that follows from the other. */
static void unknown(const char *type, int code, struct dmk_error *err)
{
	const char *word = type ? type : "";
	int r = dmk_fail_word(err, code, word, strlen(word), 0,
			      "this build takes targets as text alone: give the table's text");

	(void)r;
}

int dmk_table_add_keys(struct dmk_table *table, const char *type, const struct dmk_key_value *pairs,
		       uint32_t n)
{
	(void)pairs;
	(void)n;
	unknown(type, -EINVAL, dmk_table_begin(table));
	return -EINVAL;
}

int dmk_params_to_keys(const char *type, const char *params, struct dmk_key_values *ret_values,
		       struct dmk_error *ret_error)
{
	(void)params;
	(void)ret_values;
	unknown(type, -ENOENT, ret_error);
	return -ENOENT;
}

int dmk_status_to_keys(const char *type, const char *params, struct dmk_key_values *ret_values,
		       struct dmk_error *ret_error)
{
	(void)params;
	(void)ret_values;
	unknown(type, -ENOENT, ret_error);
	return -ENOENT;
}

void dmk_key_values_clear(struct dmk_key_values *values)
{
	*values = (struct dmk_key_values){ 0 };
}

int dmk_target_key(const char *type, uint32_t index, struct dmk_key *ret_key)
{
	(void)type;
	(void)index;
	(void)ret_key;
	return -ENOENT;
}

const struct dmk_target_info *dmk_target_info_find(const char *type)
{
	(void)type;
	return NULL;
}

const struct dmk_message_info *dmk_target_message(const char *type, uint32_t index)
{
	(void)type;
	(void)index;
	return NULL;
}

int dmk_message_key(const char *type, const char *message, uint32_t index, struct dmk_key *ret_key)
{
	(void)type;
	(void)message;
	(void)index;
	(void)ret_key;
	return -ENOENT;
}

int dmk_message_from_keys(const char *type, const char *message, const struct dmk_key_value *pairs,
			  uint32_t n, char **ret_text, struct dmk_error *ret_error)
{
	(void)message;
	(void)pairs;
	(void)n;
	(void)ret_text;
	unknown(type, -ENOENT, ret_error);
	return -ENOENT;
}
