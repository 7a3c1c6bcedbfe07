"""`make bench [ONLY=name]`: run every benchmark, print a table, write bench/latest.json."""

import json
import sys
from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
COLUMNS = "{name:<64} {value:>12} {unit:<12} {floor:>12} {ratio:>8}"


def main() -> None:
    """Run the benchmarks that are named, or all."""
    names = sys.argv[1:] or sorted(
        path.stem for path in HERE.glob("*.py") if not path.stem.startswith("_")
    )
    results = []
    print(COLUMNS.format(name="what", value="value", unit="unit", floor="floor", ratio="ratio"))
    for name in names:
        for row in import_module(f"bench.{name}").run():
            results.append(row)
            print(_line(row), flush=True)
    (HERE / "latest.json").write_text(json.dumps(results, indent=1) + "\n")


def _line(row: dict[str, object]) -> str:
    def short(value: object) -> str:
        return f"{value:,.4g}" if isinstance(value, int | float) else "-"

    return COLUMNS.format(
        name=f"{row['name']} (n={row['n']:,})"[:64],
        value=short(row["value"]),
        unit=row["unit"],
        floor=short(row["floor"]),
        ratio=short(row["ratio"]),
    )


if __name__ == "__main__":
    main()
