import { Button, Result } from "antd";
import { Link } from "react-router";
import { useT } from "../locale";

export function Missing() {
  const t = useT().app;
  return (
    <Result
      status="404"
      title={t.missingPage}
      extra={
        <Link to="/">
          <Button type="primary">{t.home}</Button>
        </Link>
      }
    />
  );
}
