# SPDX-License-Identifier: GPL-2.0-only
# plot.gp: bars by case and system, for report.sh, which sets file, title, unit and names.
set terminal svg size 860,400 font "sans-serif,13" background "white"
set title title font ",15"
set ylabel unit
set yrange [0:*]
set grid ytics lc rgb "#dddddd"
set border 3 lc rgb "#888888"
set tics nomirror scale 0.5
set style data histograms
set style histogram errorbars gap 1.5 lw 1
set style fill solid 1 noborder
set boxwidth 0.9
set errorbars 0.6 lw 1 lc rgb "#444444"
set key outside right top Left reverse samplen 1
array colours[6] = ["#bbbbbb", "#7f8fa6", "#d35400", "#f0a04b", "#2e86c1", "#85c1e9"]
plot for [i = 1:words(names)] file using (column(3 * i - 1)):(column(3 * i)):(column(3 * i + 1)):xtic(1) \
	title word(names, i) lc rgb colours[(i - 1) % 6 + 1]
