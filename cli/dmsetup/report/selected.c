/* SPDX-License-Identifier: MIT */
/* -S for the verbs that are no reports: whether one device is meant. */
#include <stdlib.h>

#include "dmsetup/report/report.h"

int dms_select_parse(struct dmsetup *d)
{
	int r;

	if (!d->value[DMS_SELECT] || d->selection)
		return 0;
	r = dms_selection_parse(d->value[DMS_SELECT], &d->selection);
	if (r > 0) {
		dms_field_help(true);
		dms_select_help();
	}
	return r < 0 ? -1 : 0;
}

int dms_selected(struct dmsetup *d, const struct dmk_device *device)
{
	struct dms_selection *selection = d->selection;
	union dms_value values[DMS_F_COUNT];
	struct dms_subject subject = dms_subject_of(device);
	int r;

	if (!selection)
		return 1;
	selection->source.d = d;
	r = dms_values(&selection->source, &subject, selection->fields, values);
	if (r == DMS_FINE)
		r = dms_selection_match(selection, values);
	else
		r = r == DMS_GONE ? 0 : -1;
	dms_pool_free(&selection->source.pool);
	return r;
}
