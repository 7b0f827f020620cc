# ratios.awk -- rows of results.tsv out of measured rounds: lines `ROUND PROGRAM SECONDS`, a pair of programs in
# the variables subject and rival, the case in name, its rows in rows. A ratio is of two times of the same round.
function sort(a, n,   i, j, x) {
  for (i = 2; i <= n; i++) {
    x = a[i]
    for (j = i - 1; j > 0 && a[j] > x; j--) a[j + 1] = a[j]
    a[j + 1] = x
  }
}
$2 == subject { mine[$1] = $3; time[++n] = $3 }
$2 == rival { other[$1] = $3 }
END {
  for (r in mine) ratio[++k] = other[r] / mine[r]
  if (!k) exit 1
  sort(ratio, k)
  sort(time, n)
  printf "%s\t%s\t%s\t%.2f\t%.2f\t%.2f\t%.0f\n", name, subject, rival, ratio[1], ratio[int(k / 2) + 1], ratio[k], rows / time[int(n / 2) + 1]
}
