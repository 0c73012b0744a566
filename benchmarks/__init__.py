"""Speed as ratios: each measure runs beside a floor, the least the same work could cost, in the same run."""
