/* state_cell.c -- the descriptors of a program's cells: lines that say what a section was made by.
 *
 * `key NAME TYPE`, `field NAME TYPE`, `window …`, `agg NAME`, `lane …`, `keep D`, `means …`. Two
 * descriptors are compared line by line (state_fit.c), so what must not change stands in a line of its own.
 */
#include "group.h"
#include "run.h"
#include "state.h"
#include "zone.h"

static void add(wr_buf *b, const char *text) { wr_buf_add(b, text, strlen(text)); }

/* Names as programs write them; others in quotes. */
void wr_state_put_name(wr_buf *b, const char *name)
{
  bool simple = *name != 0;
  for (const char *p = name; *p; p++)
    simple &= (*p >= '0' && *p <= '9') || ((*p | 32) >= 'a' && (*p | 32) <= 'z') || *p == '_' || *p == '.';
  if (simple) add(b, name);
  else wr_json_quote(b, name, strlen(name));
}

static void put_kind(wr_buf *b, wr_u8 kind, wr_u8 nullable)
{
  static const char *const name[WR_KINDS] = { [WR_LIST] = "list", [WR_MAP] = "map", [WR_ENUM] = "enum",
                                              [WR_REC] = "presence", [WR_DEC] = "decimal" };
  if (name[kind]) add(b, name[kind]);     /* the scale, the members: a port does not say */
  else wr_type_text(b, &(wr_type){ .kind = kind });
  if (nullable) add(b, "?");
}

static void put_field(wr_buf *b, const char *name, const wr_type *t)
{
  add(b, "field ");
  wr_state_put_name(b, name);
  add(b, " ");
  wr_type_text(b, t);
  add(b, "\n");
}

static void put_cells(wr_buf *b, const char *what, const wr_cell *c, wr_i32 n)
{
  for (wr_i32 i = 0; i < n; i++) {
    add(b, what);
    wr_state_put_name(b, c[i].name);
    add(b, " ");
    wr_type_text(b, c[i].type);
    add(b, "\n");
  }
}

static void put_span(wr_buf *b, const char *what, wr_i64 us)
{
  char t[64];
  add(b, what);
  wr_buf_add(b, t, wr_print_dur(t, us));
}

static void put_period(wr_buf *b, const char *what, wr_i64 n, enum wr_cal cal)
{
  static const char *const unit[] = { "", "day", "week", "month", "year" };
  char t[40];
  if (!cal) { put_span(b, what, n); return; }
  snprintf(t, sizeof t, "%s%lld%s", what, (long long)n, unit[cal]);
  add(b, t);
}

/* One line whatever the program's text holds. */
static void put_means(wr_buf *b, const char *text)
{
  if (!text) return;
  add(b, "means ");
  for (const char *p = text; *p; p++) {
    if (*p == '\n') add(b, "\nmeans ");
    else wr_buf_add(b, (unsigned char)*p < ' ' ? " " : p, 1);
  }
  add(b, "\n");
}

static void put_window(wr_buf *b, const wr_group *g, const wr_win *w)
{
  static const char *const name[] = {
    [WR_WIN_NONE] = "none",
#define WIN(id, text, ...) [WR_WIN_##id] = text,
#include "weir/windows.def"
#undef WIN
  };
  add(b, "window ");
  add(b, *name[g->win] ? name[g->win] : "own");
  put_period(b, " ", w->size, w->size_cal);
  if (w->every != w->size || w->every_cal != w->size_cal) put_period(b, " every ", w->every, w->every_cal);
  if (w->offset) put_span(b, " offset ", w->offset);
  if (w->zone) {
    add(b, " zone ");
    add(b, w->zone->name);
  }
  add(b, g->processing ? " of processing time\n" : "\n");
}

void wr_state_text_group(wr_buf *b, const wr_grouping *grouping)
{
  const wr_group *g = grouping->group;
  if (g->key) put_cells(b, "key ", g->key, g->nkey);
  for (wr_i32 i = 0; !g->key && i < g->nkey; i++) {
    add(b, "key ");
    put_kind(b, grouping->in->kind[i], grouping->in->nullable[i]);
    add(b, "\n");
  }
  put_window(b, g, &grouping->win);
  for (wr_i32 i = 0; i < g->nagg; i++) {
    add(b, "agg ");
    add(b, g->agg[i]->name);
    add(b, "_");
    add(b, g->agg[i]->suffix);
    if (g->spec[i].type) {
      add(b, " ");
      wr_type_text(b, g->spec[i].type);
    }
    add(b, "\n");
  }
  put_means(b, g->meaning);
}

static void put_config(wr_state *s, wr_buf *b, const char *what, wr_config_fn *config)
{
  wr_slot c[WR_KCFG_N] = { [WR_KCFG_SPAN] = wr_i64_slot(0, WR_NULL) };
  char t[40];
  if (config && config(&s->ctx, c)) return;
  if (c[WR_KCFG_SPAN].st) return;
  if (c[WR_KCFG_SPAN].len) {
    snprintf(t, sizeof t, "%s%lld rows", what, c[WR_KCFG_SPAN].u.i);
    add(b, t);
  } else {
    put_span(b, what, c[WR_KCFG_SPAN].u.i);
  }
  add(b, "\n");
}

void wr_state_text_store(wr_state *s, wr_buf *b, const wr_store *d)
{
  put_cells(b, "key ", d->key, d->nkey);
  put_cells(b, "field ", d->field, d->nfield);
  put_config(s, b, "keep ", d->config);
  put_means(b, d->meaning);
}

void wr_state_text_sliding(wr_state *s, wr_buf *b, const wr_sliding *d, bool positions)
{
  put_cells(b, "key ", d->key, d->nkey);
  put_config(s, b, "window sliding ", d->config);
  for (wr_i32 i = 0; i < d->ncol; i++) {
    char name[24];
    snprintf(name, sizeof name, "#%d", i);
    wr_type t = d->type ? *d->type[i] : (wr_type){ .kind = d->kind[i], .nullable = d->nullable[i] };
    put_field(b, d->column ? d->column[i] : name, &t);
  }
  if (positions) add(b, "field \"(position)\" int\n");
}

void wr_state_text_limit(wr_state *s, wr_buf *b, const wr_limit *d)
{
  put_cells(b, "key ", d->key, d->nkey);
  put_config(s, b, "every ", d->config);
}

/* Each lane, and its columns as `field LANE.COLUMN TYPE`. */
void wr_state_text_order(wr_state *s, wr_buf *b, const wr_seq *d)
{
  const wr_sequence *q = s->gate[d->stage].sequence;
  char name[WR_COLUMN_NAME];
  for (wr_i32 i = 0; i < d->nlane; i++) {
    add(b, "lane ");
    wr_state_put_name(b, d->lane[i].name);
    add(b, "\n");
    for (wr_i32 c = 0; c < s->prog->port[d->lane[i].in].ncol; c++) {
      wr_type t = wr_sequence_column(q, i, c, name, sizeof name);
      wr_buf both = { 0 };
      add(&both, d->lane[i].name);
      add(&both, ".");
      wr_buf_add(&both, name, strlen(name) + 1);
      put_field(b, both.p, &t);
      wr_buf_free(&both);
    }
  }
}
