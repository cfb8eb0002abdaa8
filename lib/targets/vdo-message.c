/* SPDX-License-Identifier: MIT */
/* vdo's messages, and the replies of stats and config. */
#include "vdo.h"

#include <errno.h>
#include <string.h>

#define DMK_ROWS_OF struct dmk_vdo_message

static const struct dmk_row what_row[] = {
	{ DMK_ROW("what", TEXT, "viopool, pools, vdo, queues, threads, default or all"),
	  DMK_FIELD(what), DMK_COUNT(n_what), .key_flags = DMK_KEY_REPEATED },
};

static const struct dmk_row state_row[] = {
	{ DMK_REQUIRED("state", CHOICE, "whether new data is compressed"), DMK_FIELD(compression),
	  .choices = dmk_vdo_switches },
};

static void format_what(const void *value, struct dmk_text *out)
{
	const struct dmk_vdo_message *message = value;

	for (uint32_t i = 0; i < message->n_what; i++)
		dmk_text_add(out, "%s%s", i ? " " : "", message->what[i]);
}

static int validate_what(const void *value, struct dmk_error *err)
{
	static const char *const allowed[] = { "viopool", "pools",   "vdo", "queues",
					       "threads", "default", "all" };
	const struct dmk_vdo_message *message = value;

	for (uint32_t i = 0; i < message->n_what; i++) {
		const char *what = message->what[i];
		bool found = false;

		for (size_t k = 0; k < DMK_ARRAY_SIZE(allowed); k++)
			found = found || strcmp(what, allowed[k]) == 0;
		if (!found)
			return dmk_refuse(err, what, "must be one of %s",
					  "viopool pools vdo queues threads default all");
	}
	return 0;
}

/* As enum dmk_vdo_message_kind counts them. */
const struct dmk_message dmk_vdo_messages[DMK_VDO_N_MESSAGES] = {
	{ DMK_MESSAGE("stats", "stats", "reply with the statistics") },
	{ DMK_MESSAGE("config", "config", "reply with what the volume was formatted with") },
	{ DMK_MESSAGE_WITH("dump", "dump", "[WHAT...]", what_row,
			   "write structures into the kernel's log; not always safe"),
	  .form.format = format_what, .form.validate = validate_what },
	{ DMK_MESSAGE("dump-on-shutdown", "dump-on-shutdown", "the same when the device stops") },
	{ DMK_MESSAGE_WITH("compression", "compression", "on|off", state_row,
			   "turn it on or off") },
	{ DMK_MESSAGE("index-close", "index-close", "close the deduplication's index") },
	{ DMK_MESSAGE("index-create", "index-create", "make a new, empty one") },
	{ DMK_MESSAGE("index-disable", "index-disable", "do without it") },
	{ DMK_MESSAGE("index-enable", "index-enable", "use it again") },
};

#define MAX_DEPTH 8

/* A reply on its way into pairs. */
struct reply {
	struct dmk_words words;
	struct dmk_key_values *values;
	struct dmk_text prefix;	   /* "packer." where it is now */
	size_t lengths[MAX_DEPTH]; /* of the prefix outside of each brace */
	uint32_t depth;
};

static int fail_word(struct reply *reply, const struct dmk_word *word, const char *why)
{
	return dmk_fail_word(reply->words.error, -EINVAL, word->text, word->length, word->column,
			     "%s", why);
}

static int no_memory(struct reply *reply)
{
	return dmk_fail(reply->words.error, -ENOMEM, "no memory");
}

static bool is_word(const struct dmk_word *word, const char *text)
{
	return word->length == strlen(text) && memcmp(word->text, text, word->length) == 0;
}

static int add_pair(struct reply *reply, const struct dmk_word *name, const struct dmk_word *value)
{
	struct dmk_key_values *values = reply->values;
	uint32_t n = values->count;
	size_t length = value->length - (value->text[value->length - 1] == ',');
	DMK_CLEANUP(dmk_text_free) struct dmk_text key = { 0 };
	struct dmk_key_value *pair;

	if ((n & (n - 1)) == 0) {
		struct dmk_key_value *items =
			dmk_arena_array(&values->owned, n ? (size_t)n * 2 : 1, sizeof(*items));

		if (!items)
			return no_memory(reply);
		if (n)
			memcpy(items, values->items, n * sizeof(*items));
		values->items = items;
	}
	pair = &values->items[n];
	dmk_text_add_bytes(&key, reply->prefix.data ? reply->prefix.data : "",
			   reply->prefix.length);
	dmk_text_add_bytes(&key, name->text, name->length);
	if (dmk_text_error(&key) < 0)
		return no_memory(reply);
	pair->key = dmk_arena_text(&values->owned, key.data, key.length);
	pair->value = dmk_arena_text(&values->owned, value->text, length);
	if (!pair->key || !pair->value)
		return no_memory(reply);
	if (dmk_parse_u64(value->text, length, UINT64_MAX, &pair->number) < 0)
		pair->number = 0;
	values->count++;
	return 0;
}

/* Into a brace: NULL for the first one. */
static int enter(struct reply *reply, const struct dmk_word *name, const struct dmk_word *brace)
{
	if (reply->depth == MAX_DEPTH)
		return fail_word(reply, brace, "too many braces in each other");
	reply->lengths[reply->depth++] = reply->prefix.length;
	if (name) {
		dmk_text_add_bytes(&reply->prefix, name->text, name->length);
		dmk_text_add(&reply->prefix, ".");
	}
	return dmk_text_error(&reply->prefix) < 0 ? no_memory(reply) : 0;
}

static void leave(struct reply *reply)
{
	reply->prefix.length = reply->lengths[--reply->depth];
	if (reply->prefix.data)
		reply->prefix.data[reply->prefix.length] = '\0';
}

static int read_entry(struct reply *reply, const struct dmk_word *name)
{
	struct dmk_word colon, value;
	int r = dmk_words_need(&reply->words, ":", &colon);

	if (r == 0 && !is_word(&colon, ":"))
		r = fail_word(reply, &colon, "a ':' must stand here");
	if (r == 0)
		r = dmk_words_need(&reply->words, "value", &value);
	if (r < 0)
		return r;
	return is_word(&value, "{") ? enter(reply, name, &value) : add_pair(reply, name, &value);
}

static int read_reply(struct reply *reply)
{
	struct dmk_word word;
	int r = dmk_words_need(&reply->words, "{", &word);

	if (r == 0 && !is_word(&word, "{"))
		r = fail_word(reply, &word, "a reply begins with '{'");
	if (r == 0)
		r = enter(reply, NULL, &word);
	while (r == 0 && reply->depth) {
		r = dmk_words_need(&reply->words, "}", &word);
		if (r < 0)
			break;
		if (is_word(&word, "}") || is_word(&word, "},"))
			leave(reply);
		else
			r = read_entry(reply, &word);
	}
	return r < 0 ? r : dmk_words_end(&reply->words);
}

int dmk_vdo_parse_reply(const char *text, struct dmk_key_values *ret_values,
			struct dmk_error *ret_error)
{
	struct dmk_key_values values = { 0 };
	struct reply reply = { .values = &values };
	int r;

	dmk_begin_parse(ret_error, DMK_VERB_PARSE_REPLY, "vdo", text);
	reply.words = dmk_words_of(text, "{ NAME : VALUE, ... }", ret_error);
	r = read_reply(&reply);
	dmk_text_free(&reply.prefix);
	if (r < 0)
		dmk_key_values_clear(&values);
	else
		*ret_values = values;
	return r;
}
