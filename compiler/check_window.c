/* check_window.c -- windows, and the other lengths of time of clauses (delay, keep, within ...).
 *
 * What a kind of window takes is its row in windows.def; here only the quantities' rules are known.
 * Values are judged where they are constants at compile time; the runtime judges the rest at start.
 */
#include <string.h>
#include "check.h"

static const int64_t DAY_US = 86400LL * 1000000;

const WindowSpec *spec_of_window(const WindowSpec *w)
{
  return w->is_name && w->decl ? w->decl->u.window : w;
}

/* ---- durations of clauses ---- */

bool keep_all(const Expr *e)
{
  return e->kind == EXPR_PATH && e->u.path.path.parts.n == 1 && strcmp(e->u.path.path.parts.v[0].name,
      "all") == 0;
}

void check_duration(Compiler *c, Expr *e, uint32_t file, const char *what, bool zero_ok)
{
  Env env = env_const(c, file, what);
  int64_t us;
  env.structural = true;
  Type *t = check_expr(&env, e);
  if (is_error(t))
    return;
  if (t->kind != T_DUR || t->nullable) {
    Diag *d = diag_error(c, e->span, D_DURATION, "%s is a duration, but `%s` is %s", what,
                         text_of(c, e->span), type_text(c, t));
    if (t->kind == T_INT)
      diag_hint(c, d, "a duration has a unit: %ss, %sm, %sh", text_of(c, e->span), text_of(c, e->span),
                text_of(c, e->span));
    return;
  }
  if (const_int(e, &us) && (us < 0 || (us == 0 && !zero_ok)))
    diag_error(c, e->span, D_DURATION, "%s %s", what, us < 0 ? "cannot be negative" : "cannot be zero");
}

void check_keep(Compiler *c, Expr *e, uint32_t file)
{
  if (keep_all(e)) {
    e->type = t_dur(c, false);
    e->constant = true;
  } else {
    check_duration(c, e, file, "`keep`", false);
  }
}

/* ---- quantities of a window ---- */

/* A duration, or with `calendar` a calendar period. */
static void check_length(Compiler *c, Expr *e, uint32_t file, const char *what, bool calendar, bool zero_ok)
{
  if (!calendar || e->kind != EXPR_LITERAL || e->u.lit.kind != LIT_CAL) {
    check_duration(c, e, file, what, zero_ok);
    return;
  }
  e->type = t_dur(c, false);
  e->constant = true;
  if (e->u.lit.i < 1)
    diag_error(c, e->span, D_WINDOW_SIZE, "%s cannot be zero", what);
}

static bool is_calendar(const Expr *e) { return e && e->kind == EXPR_LITERAL && e->u.lit.kind == LIT_CAL; }

static void check_count(Compiler *c, Expr *e, uint32_t file, const char *name)
{
  Env env = env_const(c, file, "a window's number of rows");
  int64_t n;
  env.structural = true;
  Type *t = check_expr(&env, e);
  if (!is_error(t) && t->kind != T_INT)
    diag_error(c, e->span, D_WINDOW_SIZE, "`%s` counts rows: it takes a number, not %s", name,
               type_text(c, t));
  else if (!is_error(t) && const_int(e, &n) && n < 1)
    diag_error(c, e->span, D_WINDOW_SIZE, "a window has at least one row");
}

static void check_until(Compiler *c, Expr *e, Env *over)
{
  if (!over) {
    Diag *d = diag_error(c, e->span, D_WINDOW_SIZE, "a declared window cannot name columns");
    diag_hint(c, d, "write `over until %s` in the step itself", text_of(c, e->span));
    e->type = t_error(c);
    return;
  }
  Type *t = check_expr(over, e);
  if (!is_error(t) && t->kind != T_TS)
    diag_error(c, e->span, D_WINDOW_SIZE, "`until` takes a timestamp, but `%s` is %s", text_of(c, e->span),
               type_text(c, t));
  else if (t->nullable)
    diag_error(c, e->span, D_NULLABLE, "a window's end cannot be null, and `%s` may be", text_of(c, e->span));
}

static void check_quantity(Compiler *c, WindowSpec *w, Env *over, uint32_t file)
{
  const char *what = arena_printf(c->arena, "the size of a %s window", w->row->name);
  char takes = w->row->quantity[0];
  if (!w->qty)
    return;
  if (takes == 'N')
    check_count(c, w->qty, file, w->row->name);
  else if (takes == 'E')
    check_until(c, w->qty, over);
  else if (takes == 'D' && is_calendar(w->qty)) {
    diag_error(c, w->qty->span, D_CALENDAR, "a %s window takes a duration, not a calendar period",
               w->row->name);
    w->qty->type = t_error(c);
  } else
    check_length(c, w->qty, file, what, takes == 'C', false);
}

static bool grows(const WindowSpec *w) { return strchr(w->row->options, 'g') != NULL; }

/* ---- options ---- */

static void check_options(Compiler *c, WindowSpec *w)
{
  const struct { char letter; bool given; Span span; const char *name; } given[] = {
    { 'e', w->every != 0, w->every_span, "every" }, { 'm', w->max != 0, w->max_span, "max" },
    { 'o', w->offset != 0, w->offset_span, "offset" }, { 'z', w->has_zone, w->zone_span, "zone" },
    { 'p', w->processing, w->processing_span, "of processing time" },
  };
  for (size_t i = 0; i < sizeof given / sizeof *given; i++) {
    bool required = given[i].letter == 'e' && strchr(w->row->options, 'E');
    if (given[i].given && !required && !strchr(w->row->options, given[i].letter)) {
      Diag *d = diag_error(c, given[i].span, D_WINDOW_OPTION, "a %s window takes no `%s`", w->row->name,
                           given[i].name);
      if (given[i].letter == 'p' && w->row->klass == WC_PER_EVENT)
        diag_hint(c, d, "a window that looks back from every row goes by the rows' own times");
    }
    if (!given[i].given && required) {
      Diag *d = diag_error(c, w->span, D_WINDOW_OPTION, "a %s window says how often a new one %s",
                           w->row->name,
                           grows(w) ? "ends" : "starts");
      diag_hint(c, d, "for example %s 10m every 1m", w->row->name);
    }
  }
}

static int64_t gcd(int64_t a, int64_t b)
{
  while (b) {
    int64_t r = a % b;
    a = b;
    b = r;
  }
  return a;
}

static void check_slices(Compiler *c, WindowSpec *w, int64_t size, int64_t every)
{
  int64_t slice = grows(w) ? every : gcd(size, every);
  if (every > size) {
    if (grows(w))
      diag_error(c, w->every->span, D_WINDOW_SIZE, "the step is longer than the window");
    else {
      Diag *d = diag_warning(c, w->span, D_GAPS,
                             "rows between two windows are in none: the step is longer than the window");
      diag_hint(c, d, "rows in the gaps are not counted; for all rows take every %s",
                text_of(c, w->qty->span));
    }
    return;
  }
  if (size / slice <= MAX_SLICES)
    return;
  Diag *d = diag_error(c, w->span, D_SLICES,
                       "this window would keep %lld slices for every key; at most %d are allowed",
                       (long long)(size / slice), MAX_SLICES);
  diag_hint(c, d, "take a longer step, or one that divides the size");
}

static void check_sizes(Compiler *c, WindowSpec *w)
{
  int64_t size = 0, every = 0, offset = 0;
  bool sized = w->qty && !is_calendar(w->qty) && const_int(w->qty, &size) && size > 0;
  if (w->every && sized && !is_calendar(w->every) && const_int(w->every, &every) && every > 0)
    check_slices(c, w, size, every);
  if (w->every && w->qty && is_calendar(w->every) && !is_calendar(w->qty))
    diag_error(c, w->every->span, D_CALENDAR,
               "the step is a calendar period, and the window is a fixed length of time");
  if (w->offset && sized && const_int(w->offset, &offset) && offset >= size)
    diag_error(c, w->offset->span, D_WINDOW_SIZE, "the offset is not shorter than the window");
}

/* The runtime's rule, win_hopping.c: panes of a calendar window are its steps. */
static void check_hops(Compiler *c, WindowSpec *w)
{
  if (w->row->kind != WR_WIN_HOPPING || !is_calendar(w->qty) || !w->every || is_error(w->every->type))
    return;
  bool whole = false;
  if (is_calendar(w->every)) {
    int unit = w->qty->u.lit.scale, step_unit = w->every->u.lit.scale;
    int64_t size = w->qty->u.lit.i, step = w->every->u.lit.i;
    int in = unit == step_unit ? 1 : unit == WR_CAL_WEEK && step_unit == WR_CAL_DAY ? 7
             : unit == WR_CAL_YEAR && step_unit == WR_CAL_MONTH ? 12 : 0;
    whole = in && step > 0 && size * in % step == 0;
  }
  if (whole)
    return;
  Diag *d = diag_error(c, w->every->span, D_CALENDAR, "a calendar window must be a whole number of its steps");
  diag_hint(c, d, "for example: hopping 1month every 1month, hopping 1week every 1day");
}

static void check_calendar(Compiler *c, WindowSpec *w)
{
  int64_t size;
  if (!w->has_zone) {
    Expr *e = is_calendar(w->qty) ? w->qty : is_calendar(w->every) ? w->every : 0;
    if (!e || is_error(e->type))
      return;
    Diag *d = diag_error(c, e->span, D_CALENDAR,
                         "a calendar period needs a zone: days and months start by local time");
    diag_hint(c, d, "add zone \"Europe/Berlin\" or zone \"UTC\", or take a fixed length of time: 24h");
    return;
  }
  if (!w->qty || is_calendar(w->qty))
    return;
  if (!const_int(w->qty, &size) || size <= 0 || size % DAY_US) {
    Diag *d = diag_warning(c, w->zone_span, D_ZONE, "the zone changes nothing: windows of a fixed length "
                           "are aligned to the epoch");
    diag_hint(c, d, "leave it out, or take a calendar period: 1day, 1week, 1month");
    return;
  }
  int64_t days = size / DAY_US;
  Diag *d = diag_error(c, w->qty->span, D_CALENDAR,
                       "with a zone, days differ in length: `%s` is a fixed length of time",
                       text_of(c, w->qty->span));
  if (days % 7 == 0)
    diag_hint(c, d, "calendar weeks are written %lldweek", (long long)(days / 7));
  else
    diag_hint(c, d, "calendar days are written %lldday", (long long)days);
}

static void check_zone(Compiler *c, WindowSpec *w)
{
  if (!w->has_zone)
    return;
  Env env = env_const(c, w->span.file, "a zone");
  Expr *name = expr_new(c, EXPR_LITERAL, w->zone_span);
  name->u.lit.kind = LIT_STR;
  name->u.lit.s = w->zone;
  name->u.lit.n = strlen(w->zone);
  check_zone_name(&env, name);
}

/* ---- the window ---- */

static bool unknown_window(Compiler *c, WindowSpec *w, uint32_t file)
{
  Diag *d = diag_error(c, w->kind.span, D_UNKNOWN_WINDOW, w->is_name ? "there is no window `%s`"
                       : "there is no kind of window `%s`", w->kind.name);
  Guess g = guess_for(w->kind.name);
  for (int i = 0; !w->is_name && i < win_rows_n; i++)
    guess_offer(&g, win_rows[i].name);
  if (w->is_name)
    guess_decls(c, &g, file, 1u << DECL_WINDOW);
  if (!guess_hint(c, d, &g) && w->is_name && win_find(w->kind.name))
    diag_hint(c, d, "a %s window has a size: %s %s", w->kind.name, w->kind.name,
              win_find(w->kind.name)->quantity[0] == 'N' ? "100" : "10m");
  return false;
}

static bool named_window(Compiler *c, WindowSpec *w, uint32_t file)
{
  Decl *d = scope_find(c, file, w->kind.name);
  if (!d)
    return unknown_window(c, w, file);
  if (d->kind != DECL_WINDOW) {
    Diag *diag = diag_error(c, w->kind.span, D_WRONG_KIND, "`%s` is %s, not a window", w->kind.name,
                            decl_word(d));
    diag_note(c, diag, d->name.span, "declared here");
    return false;
  }
  check_decl(c, d);
  d->used = true;
  w->decl = d;
  w->row = d->u.window->row;
  return w->row != 0;
}

bool check_window(Compiler *c, WindowSpec *w, Env *over)
{
  uint32_t file = w->span.file;
  if (w->is_name)
    return named_window(c, w, file);
  w->row = win_find(w->kind.name);
  if (!w->row)
    return unknown_window(c, w, file);
  check_quantity(c, w, over, file);
  check_options(c, w);
  if (w->every)
    check_length(c, w->every, file, "the step of a window", true, false);
  if (w->max)
    check_duration(c, w->max, file, "the longest session", false);
  if (w->offset)
    check_duration(c, w->offset, file, "the offset", true);
  check_zone(c, w);
  check_hops(c, w);
  check_calendar(c, w);
  check_sizes(c, w);
  return true;
}
