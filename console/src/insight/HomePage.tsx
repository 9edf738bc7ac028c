/** Where a person lands: the overview, or the first page their role may see. */
import { Navigate } from "react-router";
import { homePath } from "../app/nav";
import { useMay } from "../core/session";
import OverviewPage from "./OverviewPage";

export default function HomePage() {
  const home = homePath(useMay());
  return home === "/" ? <OverviewPage /> : <Navigate to={home} replace />;
}
