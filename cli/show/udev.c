/* SPDX-License-Identifier: MIT */
/* --udev, and what udev did not do: the verb is done all the same, but who looks there must know.
 */
#include <inttypes.h>
#include <string.h>

#include "common/cli.h"
#include "common/json.h"
#include "show/errors.h"
#include "show/results.h"

bool parse_udev(const char *text, uint32_t *ret_mode)
{
	static const char *const names[] = { "auto", "off", "on" };

	for (uint32_t i = 0; i < ARRAY_SIZE(names); i++) {
		if (strcmp(text, names[i]) == 0) {
			*ret_mode = i;
			return true;
		}
	}
	return false;
}

static void json_note(const struct dmk_udev_state *state, const char *device)
{
	struct json json = { .out = stderr };

	json_object(&json, NULL);
	json_object(&json, "note");
	json_string(&json, "device", device);
	json_string(&json, "text", dmk_udev_note_text(state->note));
	json_string(&json, "errno", state->error ? dmk_errno_name(state->error) : "");
	json_i64(&json, "waited_ms", state->waited_ms);
	json_close(&json);
	json_close(&json);
}

static void print_note(const struct cli *cli, const struct dmk_udev_state *state,
		       const char *device)
{
	char text[512];

	snprintf(text, sizeof(text), "note: %s: %s%s%s (waited %" PRId64 " ms)", device,
		 dmk_udev_note_text(state->note), state->error ? ": " : "",
		 state->error ? dmk_errno_text(state->error) : "", state->waited_ms);
	put_sentence(cli, text);
}

void note_udev(const struct cli *cli, const char *device)
{
	struct dmk_udev_state state;

	if (given(cli, OPT_DRY_RUN) || dmk_get_udev_state(cli->dm, &state) < 0)
		return;
	if (state.note != DMK_UDEV_NOTE_NO_COOKIE)
		state.error = 0;
	if (given(cli, OPT_TRACE) && state.handshake)
		fprintf(stderr, "dmkit: trace: udev: %s; waited %" PRId64 " ms\n",
			dmk_udev_why_text(state.why), state.waited_ms);
	else if (given(cli, OPT_TRACE))
		fprintf(stderr, "dmkit: trace: udev: no handshake: %s\n",
			dmk_udev_why_text(state.why));
	if (state.note == DMK_UDEV_NOTE_NONE)
		return;
	fflush(stdout);
	if (given(cli, OPT_JSON))
		json_note(&state, device);
	else
		print_note(cli, &state, device);
}
