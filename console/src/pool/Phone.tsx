/** A masked phone; the full one is asked for one by one, and audited. */
import { EyeOutlined, PhoneOutlined } from "@ant-design/icons";
import { App, Button, Tooltip } from "antd";
import { useState } from "react";
import { client } from "../api/client";
import { problemOf } from "../api/problem";
import { useMay } from "../core/session";
import { useT } from "../locale";
import type { Profile } from "./CustomerPage";

export function Phone({ profile }: { profile: Profile }) {
  const t = useT();
  const may = useMay();
  const { message } = App.useApp();
  const [phone, setPhone] = useState<string | null>(null);
  if (!profile.phone_masked) return null;
  const reveal = async () => {
    const { data, error } = await client.GET("/api/customers/{customer_id}/phone", {
      params: { path: { customer_id: profile.id } },
    });
    if (!data) {
      message.error(t.kit.failed(problemOf(error).title));
      return;
    }
    setPhone(data.phone);
    message.info(t.pool.page.revealed);
  };
  return (
    <span className="row tight num">
      <PhoneOutlined className="muted" />
      <span className="strong">{phone ?? profile.phone_masked}</span>
      {may("customer:reveal") && phone === null ? (
        <Tooltip title={t.pool.page.reveal}>
          <Button
            type="text"
            size="small"
            icon={<EyeOutlined />}
            aria-label={t.pool.page.reveal}
            onClick={reveal}
          />
        </Tooltip>
      ) : null}
    </span>
  );
}
