/* SPDX-License-Identifier: MIT */
/* Parameters as an error may show them. */
#include <stdlib.h>
#include <string.h>

#include "rows/target.h"

const char *dmk_shown_params(const char *type, const char *params)
{
	const struct dmk_segment segment = { .type = type, .params = params };
	char *hidden = NULL;
	int r;

	if (!dmk_segment_is_secret(&segment))
		return params;
	/* Of a target that is not known all is hidden. */
	r = dmk_target_find(type) ? dmk_params_hide_keys(type, params, &hidden) : 1;
	free(hidden);
	return r == 0 ? params : DMK_HIDDEN;
}
