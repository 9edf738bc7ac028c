/** The upset picture: a bar for every region, dots for the segments it lies in. */
import { Fragment } from "react";
import { formatInt } from "../kit/format";
import { useLanguage, useT } from "../locale";
import type { Overlap } from "./OverlapPage";
import { regionKey } from "./overlap";

interface UpsetProps {
  overlap: Overlap;
  chosen: string[];
  onToggle: (key: string) => void;
}

const BAR = 140;
const COLUMN = 52;

export function Upset({ overlap, chosen, onToggle }: UpsetProps) {
  const t = useT().segments;
  const language = useLanguage();
  const { regions, segments } = overlap;
  const most = Math.max(...regions.map((region) => region.count), 1);
  const largest = Math.max(...segments.map((segment) => segment.count), 1);
  const nameOf = (id: number) => segments.find((segment) => segment.id === id)?.name ?? `#${id}`;
  const tell = (ids: number[]) => {
    const outside = segments.filter((segment) => !ids.includes(segment.id));
    const inAll = t.overlap.inAll(ids.map(nameOf).join(t.say.list));
    const notIn = outside.map((segment) => segment.name).join(t.say.list);
    return notIn ? `${inAll}${t.say.list}${t.overlap.notIn(notIn)}` : inAll;
  };
  return (
    <div className="upset" data-testid="upset">
      <table>
        <tbody>
          <tr>
            <th aria-label={t.overlap.region} />
            {regions.map((region) => {
              const key = regionKey(region.segment_ids);
              const isChosen = chosen.includes(key);
              return (
                <td key={key} style={{ width: COLUMN, minWidth: COLUMN, verticalAlign: "bottom" }}>
                  <button
                    type="button"
                    aria-pressed={isChosen}
                    aria-label={`${tell(region.segment_ids)}: ${t.matched(String(region.count))}`}
                    title={tell(region.segment_ids)}
                    data-region={key}
                    onClick={() => onToggle(key)}
                  >
                    <span className="num small">{formatInt(region.count, language)}</span>
                    <span
                      style={{
                        display: "block",
                        margin: "4px auto 8px",
                        width: 26,
                        height: Math.max(3, (region.count / most) * BAR),
                        borderRadius: 4,
                        background: isChosen ? "var(--camellia)" : "var(--tea)",
                        opacity: isChosen ? 1 : 0.75,
                      }}
                    />
                  </button>
                </td>
              );
            })}
          </tr>
          {segments.map((segment, row) => (
            <tr key={segment.id}>
              <th style={{ minWidth: 110, maxWidth: 170 }}>
                <div className="clip" title={segment.name}>
                  {segment.name}
                </div>
                <div className="row tight" style={{ flexWrap: "nowrap" }}>
                  <span className="funnel-bar" style={{ flex: 1, height: 6 }}>
                    <i style={{ width: `${(segment.count / largest) * 100}%` }} />
                  </span>
                  <span className="num small muted">{formatInt(segment.count, language)}</span>
                </div>
              </th>
              {regions.map((region) => (
                <Fragment key={regionKey(region.segment_ids)}>
                  <Dot ids={region.segment_ids} all={segments.map((one) => one.id)} row={row} />
                </Fragment>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** A dot, joined by a line to the other dots of its column. */
function Dot({ ids, all, row }: { ids: number[]; all: number[]; row: number }) {
  const rows = all.flatMap((id, index) => (ids.includes(id) ? [index] : []));
  const isIn = rows.includes(row);
  const top = Math.min(...rows);
  const bottom = Math.max(...rows);
  const from = row === top ? 50 : 0;
  const to = row === bottom ? 50 : 100;
  const isBetween = row >= top && row <= bottom && top !== bottom;
  return (
    <td
      aria-hidden="true"
      style={{
        textAlign: "center",
        background: row % 2 === 0 ? "var(--soft)" : "transparent",
        height: 44,
        padding: 0,
      }}
    >
      <svg
        viewBox="0 0 52 44"
        width="52"
        height="44"
        aria-hidden="true"
        style={{ display: "block" }}
      >
        {isBetween ? (
          <line
            x1="26"
            x2="26"
            y1={(from / 100) * 44}
            y2={(to / 100) * 44}
            stroke="var(--tea)"
            strokeWidth="3"
          />
        ) : null}
        <circle cx="26" cy="22" r="7" fill={isIn ? "var(--tea)" : "var(--line)"} />
      </svg>
    </td>
  );
}
