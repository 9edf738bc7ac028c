/** Who is in the segment, and how many there were. */
import { Card } from "antd";
import { useMemo } from "react";
import { useNavigate } from "react-router";
import { $api, type Row } from "../api/client";
import { axisLook, Chart, tooltipLook } from "../kit/Chart";
import { formatTime } from "../kit/format";
import { Pager, Records, useCursors } from "../kit/Records";
import { Answer, EmptyState } from "../kit/States";
import { useT } from "../locale";
import { CustomerCard, useColumns } from "../pool/CustomersPage";

export function Members({ id }: { id: number }) {
  const t = useT().segments;
  const navigate = useNavigate();
  const cursors = useCursors();
  const columns = useColumns();
  const members = $api.useQuery("get", "/api/customers", {
    params: { query: { segment_id: id, cursor: cursors.cursor ?? "", limit: 25 } },
  });
  return (
    <Answer query={members} rows={8}>
      {({ items, next_cursor }) => (
        <Records
          rows={items}
          rowKey={(row) => row.id}
          columns={columns}
          card={(row) => <CustomerCard row={row} />}
          onOpen={(row) => navigate(`/customers/${row.id}`)}
          empty={<EmptyState title={t.noSample} />}
          pager={<Pager cursors={cursors} next={next_cursor} />}
          minWidth={1080}
        />
      )}
    </Answer>
  );
}

export function History({ id }: { id: number }) {
  const t = useT().segments;
  const history = $api.useQuery("get", "/api/segments/{segment_id}/history", {
    params: { path: { segment_id: id } },
  });
  return (
    <Card>
      <Answer query={history} rows={6}>
        {({ items: points }) =>
          points.length === 0 ? <EmptyState title={t.noSample} /> : <HistoryChart points={points} />
        }
      </Answer>
    </Card>
  );
}

type Point = Row<"/api/segments/{segment_id}/history">;

function HistoryChart({ points }: { points: Point[] }) {
  const t = useT().segments;
  const option = useMemo(
    () => (palette: Parameters<typeof axisLook>[0]) => ({
      tooltip: { trigger: "axis", ...tooltipLook(palette) },
      xAxis: {
        type: "category",
        data: points.map((point) => formatTime(point.at).slice(5, 10)),
        ...axisLook(palette),
      },
      yAxis: { type: "value", minInterval: 1, ...axisLook(palette) },
      series: [
        {
          name: t.members,
          type: "line",
          data: points.map((point) => point.count),
          color: palette.tea,
          smooth: true,
          areaStyle: { opacity: 0.12 },
          showSymbol: points.length < 15,
        },
      ],
    }),
    [points, t.members],
  );
  return <Chart height={300} label={t.tabs.history} option={option} />;
}
