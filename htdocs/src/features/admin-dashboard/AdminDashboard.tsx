import { useRef } from "react";
import { Banner } from "../../shared/ui/Banner";
import { useTitle } from "../../shared/ui/useTitle";
import { strings } from "../../strings/adminDashboard";
import { strings as common } from "../../strings/common";
import "./AdminDashboard.css";
import { FilterBar } from "./FilterBar";
import { FilterChips } from "./FilterChips";
import { MoreFigures } from "./MoreFigures";
import { OrderList } from "./OrderList";
import { Revenue } from "./Revenue";
import { StatusFilter } from "./StatusFilter";
import { Tiles } from "./Tiles";
import { useFigures } from "./useFigures";
import { useFilters } from "./useFilters";

export default function AdminDashboard() {
  useTitle(strings.title);
  const figures = useFigures();
  const [filters, change] = useFilters();
  const heading = useRef<HTMLHeadingElement>(null);
  const { month } = figures;
  return (
    <>
      <h1>{strings.title}</h1>
      {figures.error != null && (
        <Banner
          tone="warn"
          action={
            <button type="button" onClick={figures.refresh}>
              {common.tryAgain}
            </button>
          }
        >
          {strings.figuresFailed}
        </Banner>
      )}
      <div className="dash-band">
        <Tiles {...figures} />
        {month ? <Revenue stats={month} days={figures.days} /> : <div className="card dash-revenue" />}
      </div>
      {month ? <MoreFigures stats={month} /> : <div className="card dash-more" />}
      <section className="stack dash-list" aria-labelledby="dash-list">
        <h2 id="dash-list" className="visually-hidden" ref={heading} tabIndex={-1}>
          {strings.list}
        </h2>
        <StatusFilter counts={month?.orders} chosen={filters.statuses} onChoose={(statuses) => change({ statuses })} />
        <FilterBar filters={filters} onChange={change} />
        <FilterChips
          filters={filters}
          currency={month?.currency}
          onChange={change}
          onGone={() => heading.current?.focus({ preventScroll: true })}
        />
        <OrderList filters={filters} onChange={change} heading={heading} />
      </section>
    </>
  );
}
